import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BuiltProgram, buildShownDashboard } from '../../lab/dashboard-program.ts'
import { TmuxTerminal } from '../tui/terminal.ts'

let program: BuiltProgram
beforeAll(async () => {
  program = await buildShownDashboard()
})
afterAll(() => program?.[Symbol.asyncDispose]())

/**
 * A terminal in which the dashboard runs. Afterwards a shell tells how the program ended, and whether the terminal is as it
 * was before.
 */
function shown(columns: number, rows: number, words: string, environment = ''): Promise<TmuxTerminal> {
  const script = [
    'unset NO_COLOR FORCE_COLOR CI',
    'echo what stood here before',
    'before=$(stty -g)',
    `${environment} ${program.command} ${words}`,
    'echo ended with $?',
    '[ "$(stty -g)" = "$before" ] && echo terminal as before',
    'exec sleep 1000000',
  ]
  return TmuxTerminal.open(columns, rows, script.join('; '))
}

/** The last thing that is logged before nothing moves any more. */
const DRAWN = 'Another DHCP server answers'

const sizes = [
  [80, 24],
  [200, 60],
] as const

describe.each(sizes)('in a terminal of %i × %i', (columns, rows) => {
  test.each([1, 12, 100])('%i machines are shown, and nothing wraps or is left over', async (machines) => {
    await using terminal = await shown(columns, rows, `${machines} 110`)
    const screen = await terminal.shows(DRAWN)
    const lines = screen.split('\n')
    expect(lines[0]).toMatch(/^ boottorrent 0\.1\.0 .* eth0 · 192\.168\.1\.1 · up 1 min 50 s/)
    expect(lines[2]).toMatch(new RegExp(`^ {2}${machines} machines?: \\d`))
    expect(lines.filter((line) => line.includes('boottorrent'))).toHaveLength(1)
    expect(lines[rows - 1]).toMatch(/^ {2}Enter open .* q quit/)
    expect(screen.match(/52:54:00:00:00:/g)?.length).toBe(Math.min(machines, listRows(columns, rows)))
  })
})

/** Rows of machines that the layout leaves. */
function listRows(columns: number, rows: number): number {
  return columns === 80 ? 9 : rows - 5 - 2 - 1 - 1 - 1 - 10
}

test('it is resized while it runs, there and back, and no old picture is left', async () => {
  await using terminal = await shown(80, 24, '100 110')
  const small = await terminal.shows(DRAWN)
  terminal.resize(200, 60)
  // Two pictures, one of them old, would have two lines of keys.
  await terminal.shows(/^ boottorrent(?![\s\S]*q quit[\s\S]*q quit)[\s\S]*Firmware +Speed +Server[\s\S]*q quit\n$/)
  terminal.resize(80, 24)
  await terminal.shows(small)
})

test('q twice gives the terminal back as it was, with what went wrong in plain lines', async () => {
  await using terminal = await shown(80, 24, '12 60')
  await terminal.shows(DRAWN)
  expect(terminal.isAlternate()).toBe(true)
  terminal.type('q')
  await terminal.shows('Press q once more to stop the server: 11 machines need it now.')
  terminal.type('q')
  const screen = await terminal.shows('terminal as before')
  expect(terminal.isAlternate()).toBe(false)
  expect(screen).toMatch(
    /^what stood here before\n[\d:]+ {2}warning: \(node:[\s\S]*\n[\d:]+ {2}warning: Another DHCP server answers\n[\d:]+ {2}Stopped: .*\nended with 0\nterminal as before/,
  )
})

test.each([
  ['TERM', 0],
  ['INT', 0],
  ['USR2', 1],
] as const)('the terminal is as it was after SIG%s', async (signal, code) => {
  await using terminal = await shown(80, 24, '12 60')
  await terminal.shows(DRAWN)
  process.kill(terminal.childPid(), `SIG${signal}`)
  const screen = await terminal.shows('terminal as before')
  expect(terminal.isAlternate()).toBe(false)
  expect(screen).toContain(`ended with ${code}`)
  if (signal === 'USR2') expect(screen).toContain('Error: a crash that was asked for')
})

test('Ctrl+C is the request to stop that it is without a dashboard', async () => {
  await using terminal = await shown(80, 24, '12 60')
  await terminal.shows(DRAWN)
  terminal.type('C-c')
  expect(await terminal.shows('terminal as before')).toContain('ended with 0')
})

test('what Node writes to standard error stands among the events', async () => {
  await using terminal = await shown(80, 24, '12 60')
  expect(await terminal.shows(DRAWN)).toMatch(/[\d:]+ {2}\(node:\d+\) Warning: something is old/)
})

test('there is no colour with NO_COLOR', async () => {
  await using coloured = await shown(80, 24, '12 60')
  await coloured.shows(DRAWN)
  await using plain = await shown(80, 24, '12 60', 'NO_COLOR=1')
  await plain.shows(DRAWN)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
  const colours = /\u001b\[[0-9;]*m/
  expect(coloured.raw).toMatch(colours)
  expect(plain.raw).not.toMatch(colours)
})

test('started in the background it writes plain lines, for there it could not read keys', async () => {
  await using terminal = await TmuxTerminal.open(80, 24, `set -m; ${program.command} 12 60 & exec sleep 1000000`)
  await terminal.shows(/ready: switch a machine on/)
  expect(terminal.isAlternate()).toBe(false)
  // What runs in the background does not end with the terminal.
  process.kill(terminal.childPid())
})

test('a hundred machines that download: what it costs is printed', async () => {
  await using terminal = await shown(200, 60, '100 100 run')
  // Not every second has a picture.
  await terminal.shows(/up (1 min 5\d|2 min \d+) s/)
  terminal.type('C-c')
  const [, cost] = /Stopped: ([\d.]+) % of a core/.exec(await terminal.shows('terminal as before')) ?? []
  console.log(`dashboard of 100 machines at 200 × 60: ${cost} % of a core`)
  expect(Number(cost)).toBeGreaterThan(0)
})
