import { render } from 'ink-testing-library'
import { describe, expect, test } from 'vitest'
import { App } from '../../../client/tui/app.tsx'
import type { DownloadStatus } from '../../../client/tui/aria2-status.ts'
import { noDamage } from '../../../client/tui/damage.ts'
import { describeBoth } from '../../../client/tui/details.ts'
import { Failure } from '../../../client/tui/failure.ts'
import { FrameSink } from '../../../client/tui/ink-streams.ts'
import { menuEntries } from '../../../client/tui/menu-entries.ts'
import { readSettings } from '../../../client/tui/settings.ts'
import type { KeyPress, State } from '../../../client/tui/state.ts'
import { FakeSystem } from './fake-system.ts'
import { configuration, debian, tool } from './fixtures.ts'

const identity = { mac: '52:54:00:12:34:56', ip: '192.0.2.23', hostname: 'pc-07', server: 'http://192.0.2.1:8000' }

const status: DownloadStatus = {
  damage: noDamage,
  trackerWarning: undefined,
  completed: 500_000_000,
  total: 1_000_000_000,
  downloadSpeed: 10_000_000,
  uploadSpeed: 2_000_000,
  uploaded: 250_000_000,
  peers: 7,
  seeders: 1,
  isComplete: false,
  verified: undefined,
  pieces: 0,
  bitfield: '',
  trackers: [],
  trackerProblem: undefined,
}

const sources = { fromServer: 300_000_000, fromPeers: 200_000_000 }

const failure = new Failure('The download failed.', { todo: 'Try again.', details: ['x'.repeat(300), 'errno 5'] })

const menu: State = { screen: 'menu', selected: 0, secondsLeft: undefined }

const machine = new FakeSystem()
machine.free = 1_000_000_000
machine.files.set('/proc/meminfo', 'MemTotal: 4000000 kB\nMemAvailable: 3000000 kB\n')
machine.files.set('/proc/cpuinfo', 'processor\t: 0\nmodel name\t: Pentium II (Klamath)\n\nprocessor\t: 1\n')
machine.files.set('/proc/sys/kernel/osrelease', '6.1.0-32-686\n')
Object.assign(machine.environment, { BT_MAC: '52:54:00:12:34:56', BT_IP: '192.0.2.23', BT_HOSTNAME: 'pc-07' })
machine.environment.BT_SERVER = 'http://192.0.2.1:8000'
const settings = readSettings(machine)

const states: Record<string, State> = {
  'menu, counting': { screen: 'menu', selected: 0, secondsLeft: 9 },
  'menu, waiting': { screen: 'menu', selected: 1, secondsLeft: undefined },
  'menu, too large': { screen: 'menu', selected: 2, secondsLeft: undefined },
  details: { screen: 'details', sections: describeBoth({ system: machine, settings }, configuration), before: menu },
  power: { screen: 'power', before: menu },
  'leaving, to restart': { screen: 'leaving', how: 'restart' },
  'leaving for good': { screen: 'leaving', how: 'off' },
  'download, beginning': {
    screen: 'download',
    os: debian,
    item: debian,
    status: undefined,
    sources: undefined,
    secondsLeft: undefined,
    remark: undefined,
  },
  download: { screen: 'download', os: debian, item: debian, status, sources, secondsLeft: 50, remark: undefined },
  'download, checking': {
    screen: 'download',
    os: debian,
    item: debian,
    status: { ...status, verified: 250_000_000 },
    sources,
    secondsLeft: undefined,
    remark: undefined,
  },
  'download, alone': {
    screen: 'download',
    os: debian,
    item: debian,
    status,
    sources,
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

function show(state: State, keys: KeyPress[] = [], hasShell = true) {
  const app = render(
    <App
      version="0.1.0"
      identity={identity}
      entries={menuEntries({ system: machine, settings }, configuration, undefined)}
      hasShell={hasShell}
      state={state}
      columns={78}
      rows={19}
      onKey={(press) => keys.push(press)}
    />,
  )
  return app
}

/** What the consoles get of a screen, without colours. */
function screenOf(state: State, hasShell = true): string {
  let lines: string[] = []
  const sink = new FrameSink({ columns: 78, rows: 19 }, (frame) => {
    lines = frame
  })
  sink.write(show(state, [], hasShell).lastFrame() ?? '')
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
  test('menu: every system with its size and memory, the default and its time', () => {
    const screen = screenOf({ screen: 'menu', selected: 0, secondsLeft: 9 })
    expect(screen).toMatch(/► 1 Debian 12 Bookworm \(default\) +1\.0 kB +1\.0 kB *$/m)
    expect(screen).toMatch(/ {2}3 Windows 10 +9\.0 GB +‼ 11\.3 GB *$/m)
    expect(screen).toContain('Debian 12 Bookworm starts in 9 s. Any key stops the clock.')
  })

  test('menu: says with both figures that there is too little memory, before anything is downloaded', () => {
    const screen = screenOf({ screen: 'menu', selected: 2, secondsLeft: undefined })
    expect(screen).toContain('Windows 10 needs 11.3 GB of memory; here is room for 3.1 GB.')
  })

  test('menu: a default that a rule has made for this machine is marked so', () => {
    const rule = { match: { mac: '52:54:00:12:34:56' }, defaultOs: 'tool', timeout: null, cmdline: null }
    const marks = menuEntries({ system: machine, settings }, { ...configuration, defaultOs: 'tool' }, rule)
    expect(marks.map(({ mark }) => mark)).toEqual(['', 'default of this machine', ''])
  })

  test('details: who this machine is, what it has, and where the server is', () => {
    const screen = screenOf(states.details as State)
    for (const fact of [
      /Network +pc-07, 192\.0\.2\.23, 52:54:00:12:34:56/,
      /Memory +4\.1 GB, 3\.1 GB free/,
      /Processor +2 x Pentium II \(Klamath\)/,
      /Kernel +6\.1\.0-32-686/,
      /Firmware +BIOS/,
      /Address +http:\/\/192\.0\.2\.1:8000/,
      /Start +Debian 12 Bookworm after 10 s/,
      /Rule +none for this machine/,
    ]) {
      expect(screen).toMatch(fact)
    }
  })

  test('download: what an earlier attempt left is being checked, and how far that is', () => {
    const screen = screenOf(states['download, checking'] as State)
    expect(screen).toContain('Checking what is here of Debian 12 Bookworm')
    expect(screen).toContain('25 %')
  })

  test.each(Object.keys(states))('%s: no key for a shell where nobody may have one', (name) => {
    expect(screenOf(states[name] as State, false)).not.toContain('shell')
  })

  test('download: size, speed, peers, time left, percentage', () => {
    const screen = screenOf({
      screen: 'download',
      os: debian,
      item: debian,
      status,
      sources,
      secondsLeft: 50,
      remark: undefined,
    })
    for (const fact of ['50 %', '500 MB of 1.0 GB', '10.0 MB/s', '50 s', '250 MB to others, 2.0 MB/s']) {
      expect(screen).toContain(fact)
    }
    expect(screen, 'not how many have everything: the server hides that it does').toMatch(/Connected +7 machines *$/m)
    expect(screen).toMatch(/From +300 MB server, 200 MB neighbours *$/m)
  })

  test('download: damaged pieces have a line, once there are any', () => {
    const download = {
      screen: 'download',
      os: debian,
      item: debian,
      sources,
      secondsLeft: 50,
      remark: undefined,
    } as const
    expect(screenOf({ ...download, status })).not.toContain('Damaged')
    const damage = { pieces: 2, from: ['192.0.2.7'], hasMore: false }
    expect(screenOf({ ...download, status: { ...status, damage } })).toMatch(
      /^.*Damaged +2 pieces, last parts from 192\.0\.2\.7, fetched again *$/m,
    )
  })

  test('failure: what, what to do, the exact words, and the keys', () => {
    const screen = screenOf({ screen: 'failure', failure, os: debian, secondsLeft: 30 })
    for (const text of ['The download failed.', 'Try again.', 'errno 5', 'tried again in 30 s']) {
      expect(screen).toContain(text)
    }
    expect(screen).toMatch(/r try again +m menu +s shell +x restart or off/)
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
    ['Page Down', '\x1b[6~', [{ key: 'page down' }]],
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
