import { render } from 'ink-testing-library'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { App, type AppProps } from '../../../../src/cli/dashboard/App.tsx'
import { firstView, type Press } from '../../../../src/cli/dashboard/keys.ts'
import { Room } from '../../../../src/cli/dashboard/room.ts'
import { beginLesson } from '../../../lab/scripted-lesson.ts'
import { openShownRoom, type ShownRoom } from '../../../lab/shown-room.ts'

let shown: ShownRoom
beforeEach(async () => {
  shown = await openShownRoom({ withPage: false })
})
afterEach(() => shown[Symbol.asyncDispose]())

/** The lines of the dashboard, without colours. */
function linesOf(changes: Partial<AppProps> = {}): string[] {
  const props: AppProps = {
    room: new Room(shown.board.snapshot()),
    view: firstView,
    now: shown.now(),
    columns: 100,
    rows: 30,
    notice: '',
    detail: undefined,
    onPress: () => {},
    ...changes,
  }
  const { lastFrame, unmount } = render(<App {...props} />)
  const frame = lastFrame() ?? ''
  unmount()
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
  return frame.replace(/\u001b\[[0-9;]*m/g, '').split('\n')
}

function lesson(machines: number, seconds: number): void {
  const { second } = beginLesson(shown, machines)
  for (let passed = 0; passed < seconds; passed++) second()
}

const mac = '52:54:00:00:00:01'

test('an empty room says what to do', () => {
  expect(linesOf().join('\n')).toContain('Switch a machine on that boots from the network.')
})

test('a row tells name, MAC, address, speed, the share of neighbours and the download', () => {
  lesson(3, 70)
  const rows = linesOf({ columns: 160 })
  expect(rows.find((line) => line.includes('teacher'))).toMatch(
    /teacher +52:54:00:00:00:00 192\.168\.1\.20 +bios +[\d.]+ MB\/s +[\d.]+ MB +[\d.]+ MB +\d+ % [█░]{10} \d+ %/,
  )
})

test('the steps from DHCP to booted follow each other', () => {
  const words: (string | undefined)[] = []
  const { machines } = shown
  const look = () =>
    words.push(
      /(?:^|-|[\d.]) {2,}((?:asks|has|loads|starts|shows|begins|booted).*?) *$/.exec(
        linesOf({ view: { ...firstView }, columns: 100 }).find((line) => line.includes(mac)) ?? '',
      )?.[1],
    )
  machines.discover(mac, 'bios', { netboot: true, ipxe: false })
  look()
  machines.observe(mac, 'address', '192.168.1.9')
  look()
  machines.observe(mac, 'loader', 'undionly.kpxe')
  look()
  machines.observe(mac, 'kernel', 'vmlinuz')
  look()
  machines.observe(mac, 'phase1', 'pc', 'client')
  look()
  machines.observe(mac, 'menu', '2 systems', 'client')
  look()
  machines.observe(mac, 'download', 'debian', 'client')
  look()
  shown.pass(20)
  machines.observe(mac, 'start', 'debian kexec', 'client')
  look()
  expect(words).toEqual([
    'asks for an address',
    'has an address',
    'loads the boot loader',
    'loads the kernel',
    'starts Phase-1',
    'shows the menu',
    'begins to download',
    'booted in 20 s',
  ])
})

test('a machine that is stuck says so with the time and the reason, and comes first', () => {
  shown.machines.discover(mac, 'bios', { netboot: true, ipxe: false })
  shown.pass(45)
  const lines = linesOf({ columns: 160 })
  expect(lines.find((line) => line.includes('►'))).toMatch(/stuck for 45 s: It asks for an address and takes none\./)
  expect(lines.join('\n')).toMatch(/1 machine: 1 stuck/)
})

test('a hostile name keeps its column and brings nothing of its own to the screen', () => {
  shown.machines.discover(mac, 'bios', { netboot: true, ipxe: false })
  shown.machines.describe(mac, { name: '\u001b[2J漢字漢字漢字漢字漢字' })
  const row = linesOf().find((line) => line.includes(mac)) ?? ''
  expect(row).not.toContain('\u001b')
  expect(row).toMatch(/^ {2}► \?\[2J漢字… {2}52:54/)
})

describe('an open machine', () => {
  test('shows its facts and its timeline, what it says of itself marked', () => {
    lesson(3, 70)
    const detail = shown.board.machine('52:54:00:00:00:00')
    const text = linesOf({ detail, view: { ...firstView, screen: 'machine', selected: detail?.mac } }).join('\n')
    expect(text).toMatch(/Firmware +bios/)
    expect(text).toMatch(/Received +[\d.]+ MB of 512 MB/)
    expect(text).toMatch(/\d\d:00:00 {2}discover +bios/)
    expect(text).toMatch(/phase1 +says +teacher/)
    expect(text).toMatch(/kernel +vmlinuz-amd64 by HTTP/)
  })

  test('that is forgotten meanwhile says so', () => {
    const text = linesOf({ view: { ...firstView, screen: 'machine', selected: mac } }).join('\n')
    expect(text).toContain('This machine is not remembered any more.')
  })
})

test.each([
  [80, 24],
  [200, 60],
  [40, 12],
])('100 machines keep to %i × %i in every view', (columns, rows) => {
  lesson(100, 110)
  for (const layout of ['list', 'tiles'] as const) {
    const lines = linesOf({ columns, rows, view: { ...firstView, layout } })
    expect(lines).toHaveLength(rows)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns)
    expect(lines.at(-1)).toContain('Enter open')
  }
})

test('100 tiles fit 200 × 60', () => {
  lesson(100, 110)
  const text = linesOf({ columns: 200, rows: 60, view: { ...firstView, layout: 'tiles' } }).join('\n')
  const machines = [...shown.board.snapshot().machines].filter(({ name }) => name !== null && text.includes(name))
  expect(machines).toHaveLength(100)
})

test('a filter shows who fits it', () => {
  lesson(100, 110)
  const stuck = linesOf({ view: { ...firstView, filter: 'stuck' } }).filter((line) => line.includes('52:54:'))
  expect(stuck.length).toBeGreaterThan(0)
  expect(stuck.every((line) => line.includes('stuck'))).toBe(true)
})

test('the work of the server is shown while it lasts, and its other log lines among the events', () => {
  const room = new Room(shown.board.snapshot())
  const progress = { os: 'debian', done: 42, bytes: 100, bytesPerSecond: 10, secondsLeft: 6 }
  room.log({ level: 'info', event: 'torrent.progress', message: '', ...progress }, 0)
  expect(linesOf({ room }).join('\n')).toMatch(/reading debian {2}█+░+ 42 %/)
  room.log({ level: 'warn', event: 'dhcp.silent', message: 'Another DHCP server answers' }, 0)
  const text = linesOf({ room }).join('\n')
  expect(text).toMatch(/\d\d:\d\d:\d\d {2}Another DHCP server answers/)
  expect(text).not.toContain('reading debian')
})

test('the help has the whole address of the web page, which no event line has room for', () => {
  const room = new Room(shown.board.snapshot())
  const page = { url: 'http://192.168.101.101:18000/', token: 'a'.repeat(32) }
  room.log({ level: 'info', event: 'web.ready', message: 'the room is shown', ...page }, 0)
  const lines = linesOf({ room, view: { ...firstView, screen: 'help' }, columns: 80, rows: 24 })
  // In one piece, so that it can be copied.
  expect(lines.map((line) => line.trim())).toContain(`${page.url}#token=${page.token}`)
  expect(lines).toHaveLength(24)
})

test('a step is told of once, though board and log both know of it', () => {
  const room = new Room(shown.board.snapshot())
  shown.board.on('change', (change) => room.apply(change))
  shown.machines.discover(mac, 'bios', { netboot: true, ipxe: false })
  room.log({ level: 'info', event: 'machine', message: `${mac} discover: bios`, mac }, 0)
  shown.pass(1)
  expect(room.lines.map(({ text }) => text)).toEqual(['discover: bios'])
})

test('keys reach whoever decides, with what is on the screen', async () => {
  lesson(3, 70)
  const presses: Press[] = []
  const room = new Room(shown.board.snapshot())
  const typed = Promise.withResolvers<void>()
  const onPress = (press: Press) => {
    presses.push(press)
    if (presses.length === 4) typed.resolve()
  }
  const { stdin, unmount } = render(
    <App {...{ room, view: firstView, now: 0, columns: 80, rows: 24, notice: '', detail: undefined, onPress }} />,
  )
  await new Promise(setImmediate)
  for (const key of ['s', '\u001b[B', '\r', '\u0003']) stdin.write(key)
  await typed.promise
  unmount()
  expect(presses).toEqual([{ key: 'text', text: 's' }, { key: 'down' }, { key: 'enter' }, { key: 'stop' }])
})
