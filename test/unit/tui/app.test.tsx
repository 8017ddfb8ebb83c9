import { render } from 'ink-testing-library'
import { describe, expect, test } from 'vitest'
import { App } from '../../../client/tui/app.tsx'
import type { DownloadStatus } from '../../../client/tui/aria2.ts'
import { Failure } from '../../../client/tui/failure.ts'
import { FrameSink } from '../../../client/tui/ink-streams.ts'
import type { KeyPress, State } from '../../../client/tui/state.ts'
import { configuration, debian, tool } from './fixtures.ts'

const identity = { mac: '52:54:00:12:34:56', ip: '192.0.2.23', hostname: 'pc-07', server: 'http://192.0.2.1:8000' }

const status: DownloadStatus = {
  completed: 500_000_000,
  total: 1_000_000_000,
  downloadSpeed: 10_000_000,
  uploadSpeed: 2_000_000,
  uploaded: 250_000_000,
  peers: 7,
  seeders: 1,
  isComplete: false,
  pieces: 0,
  bitfield: '',
  trackers: [],
  trackerProblem: undefined,
}

const failure = new Failure('The download failed.', { todo: 'Try again.', details: ['x'.repeat(300), 'errno 5'] })

const states: Record<string, State> = {
  'menu, counting': { screen: 'menu', selected: 0, secondsLeft: 9 },
  'menu, waiting': { screen: 'menu', selected: 1, secondsLeft: undefined },
  'download, beginning': {
    screen: 'download',
    os: debian,
    item: debian,
    status: undefined,
    secondsLeft: undefined,
    remark: undefined,
  },
  download: { screen: 'download', os: debian, item: debian, status, secondsLeft: 50, remark: undefined },
  'download, alone': {
    screen: 'download',
    os: debian,
    item: debian,
    status,
    secondsLeft: 50,
    remark: 'Nobody is there.',
  },
  seeding: {
    screen: 'seeding',
    os: debian,
    status: { ...status, isComplete: true },
    waiting: undefined,
    secondsLeft: 30,
  },
  'seeding, for others': {
    screen: 'seeding',
    os: debian,
    status: { ...status, isComplete: true },
    waiting: 12,
    secondsLeft: 30,
  },
  starting: { screen: 'starting', os: debian },
  running: { screen: 'running', os: tool, remarks: [] },
  ended: { screen: 'ended', os: tool, result: 'exit status 3', details: [] },
  failure: { screen: 'failure', failure, os: debian, secondsLeft: 30 },
  'failure of everything': { screen: 'failure', failure, os: undefined, secondsLeft: undefined },
}

function show(state: State, keys: KeyPress[] = []) {
  const app = render(
    <App
      version="0.1.0"
      identity={identity}
      oss={configuration.oss}
      state={state}
      columns={78}
      rows={19}
      onKey={(press) => keys.push(press)}
    />,
  )
  return app
}

/** What the consoles get of a screen, without colours. */
function screenOf(state: State): string {
  let lines: string[] = []
  const sink = new FrameSink({ columns: 78, rows: 19 }, (frame) => {
    lines = frame
  })
  sink.write(show(state).lastFrame() ?? '')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
  return lines.join('\n').replace(/\u001b\[[0-9;]*m/g, '')
}

describe.each(Object.entries(states))('the screen %s', (_name, state) => {
  const screen = screenOf(state)

  test('fits its place', () => {
    const lines = screen.split('\n')
    expect(lines).toHaveLength(19)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(78)
  })

  test('says who this machine is', () => {
    expect(screen).toMatch(/boottorrent 0\.1\.0 .*pc-07 · 192\.0\.2\.23 · 52:54:00:12:34:56/)
  })

  test('has only characters that the VGA console’s font has', () => {
    expect([...screen].filter((character) => !CODE_PAGE_437.has(character))).toEqual([])
  })
})

describe('what the screens say', () => {
  test('menu: every system with its size, the default and its time, the server', () => {
    const screen = screenOf({ screen: 'menu', selected: 0, secondsLeft: 9 })
    expect(screen).toMatch(/► 1 Debian 12 Bookworm +1\.0 kB/)
    expect(screen).toMatch(/ {2}3 Windows 10 +9\.0 GB/)
    expect(screen).toContain('Debian 12 Bookworm starts in 9 s. Any key stops the clock.')
    expect(screen).toContain('http://192.0.2.1:8000')
  })

  test('download: size, speed, peers, time left, percentage', () => {
    const screen = screenOf({
      screen: 'download',
      os: debian,
      item: debian,
      status,
      secondsLeft: 50,
      remark: undefined,
    })
    for (const fact of ['50 %', '500 MB of 1.0 GB', '10.0 MB/s', '50 s', '250 MB to others']) {
      expect(screen).toContain(fact)
    }
    expect(screen, 'not how many have everything: the server hides that it does').toMatch(/From +7 machines *$/m)
  })

  test('failure: what, what to do, the exact words, and the keys', () => {
    const screen = screenOf({ screen: 'failure', failure, os: debian, secondsLeft: 30 })
    for (const text of ['The download failed.', 'Try again.', 'errno 5', 'tried again in 30 s']) {
      expect(screen).toContain(text)
    }
    expect(screen).toMatch(/r try again +m menu +s shell/)
  })

  test('failure: the words of kexec are there to their end, over several lines', () => {
    const said =
      'the kernel Core-current.gz cannot be started: Cannot determine the file type of /run/boottorrent/oss/tinycore/boot/Core-current.gz'
    const wordy = new Failure('Tiny Core: its kernel did not start (exit status 1).', {
      todo: 'Look whether the kernel is made for this machine, and whether there is memory left.',
      details: [said],
    })
    const screen = screenOf({ screen: 'failure', failure: wordy, os: debian, secondsLeft: undefined })
    expect(screen.replaceAll(/\s+/g, ' ')).toContain(said)
  })

  test('failure: of many words the last lines are shown, each from its beginning, and the keys stay', () => {
    const details = Array.from({ length: 9 }, (_, number) => `line ${number}: ${'word '.repeat(30)}end ${number}`)
    const wordy = new Failure('The download failed.', { todo: 'Try again.', details })
    const screen = screenOf({ screen: 'failure', failure: wordy, os: debian, secondsLeft: undefined })
    expect(screen).toMatch(/line 8: .*end 8/s)
    expect(screen).not.toContain('end 4')
    expect(screen).toContain('r try again')
  })

  test('failure of everything: offers no retry', () => {
    const screen = screenOf({ screen: 'failure', failure, os: undefined, secondsLeft: undefined })
    expect(screen).not.toContain('try again')
    expect(screen).toContain('s shell')
  })
})

describe('keys', () => {
  test.each<[string, string, KeyPress[]]>([
    ['the up arrow', '\x1b[A', [{ key: 'up' }]],
    ['the down arrow of an application keypad', '\x1bOB', [{ key: 'down' }]],
    ['Home', '\x1b[1~', [{ key: 'first' }]],
    ['End of a Linux console', '\x1b[4~', [{ key: 'last' }]],
    ['Enter', '\r', [{ key: 'enter' }]],
    ['Enter of a serial program that sends line feeds', '\n', [{ key: 'enter' }]],
    ['Ctrl+S', '\x13', [{ key: 'shell' }]],
    ['Ctrl+C', '\x03', [{ key: 'stop' }]],
    ['Ctrl+L', '\x0c', [{ key: 'repaint' }]],
    ['a letter', 'r', [{ key: 'text', text: 'r' }]],
    [
      'two digits at once',
      '12',
      [
        { key: 'text', text: '1' },
        { key: 'text', text: '2' },
      ],
    ],
    ['the noise of an open line', '\x00\x7f\xff', []],
  ])('%s', (_name, typed, expected) => {
    const keys: KeyPress[] = []
    show({ screen: 'menu', selected: 0, secondsLeft: 9 }, keys).stdin.write(typed)
    expect(keys).toEqual(expected)
  })
})

/** What Linux's built-in font can show: the table of drivers/tty/vt/cp437.uni, in the order of the code page. */
const CODE_PAGE_437 = new Set([
  ...'\n☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼',
  ...Array.from({ length: 0x5f }, (_, index) => String.fromCharCode(0x20 + index)),
  ...'⌂ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀',
  ...'αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ',
])
