import { execFileSync } from 'node:child_process'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { formatProblem, loadEnvironment } from '../../../src/environment/index.ts'
import { linux, temporaryEnvironment } from './temporary-environment.ts'

async function firstProblem(content: string | Uint8Array): Promise<string | undefined> {
  await using environment = await temporaryEnvironment({ 'Boottorrent.yaml': content, ...linux('a') })
  const { configuration, problems } = await loadEnvironment(environment.directory)
  expect(configuration).toBeUndefined()
  expect(problems.length).toBeLessThanOrEqual(100)
  return problems[0] && formatProblem(problems[0]).split('\n')[0]
}

test.each([
  ['nothing', '', 'Boottorrent.yaml: the file is empty'],
  ['blanks', ' \n\n\t\n', 'Boottorrent.yaml: the file is empty'],
  ['comments', '# version: 1\n', 'Boottorrent.yaml: the file is empty'],
  ['text', 'hello\n', 'Boottorrent.yaml:1:1: the file does not consist of settings'],
  ['a list', '- version: 1\n', 'Boottorrent.yaml:1:1: the file does not consist of settings'],
  ['Latin-1', Buffer.from('version: 1 # f\u00fcr\n', 'latin1'), 'Boottorrent.yaml: the file is not UTF-8 text'],
  ['UTF-16', Buffer.from('\ufeffversion: 1\n', 'utf16le'), 'Boottorrent.yaml: the file is not UTF-8 text'],
  ['UTF-16 without a mark', Buffer.from('version: 1\n', 'utf16le'), 'Boottorrent.yaml: the file is not UTF-8 text'],
  ['a kernel', Buffer.from([0x4d, 0x5a, 0xea, 0x07, 0x00, 0xc0]), 'Boottorrent.yaml: the file is not UTF-8 text'],
  ['too much', 'version: 1\n'.repeat(100_000), 'Boottorrent.yaml: the file is larger than 1024 KiB'],
  ['tabs', 'version: 1\nboot:\n\ttimeout: 3\n', 'Boottorrent.yaml:3:1: this line is indented with tabs'],
  ['two documents', 'version: 1\n---\nversion: 0\n', 'Boottorrent.yaml:2:1: a second document begins here'],
  ['an open quotation', 'version: 1\nboot: {default: "a}\n', 'Boottorrent.yaml:3:1: a quotation mark is never closed'],
  ['two colons', 'version: 1\nboot: timeout: 3\n', 'Boottorrent.yaml:2:7: there are two colons in this line'],
  [
    'a Python object',
    'version: !!python/object/apply:os.system ["id"]\n',
    'Boottorrent.yaml:1:10: this is not YAML: unresolved tag: tag:yaml.org,2002:python/object/apply:os.system',
  ],
  ['a stranger’s anchor', 'version: 1\nboot: *b\n', 'Boottorrent.yaml:2:7: there is no anchor "b" above'],
  ['a key that is a list', 'version: 1\n? [a]\n: b\n', 'Boottorrent.yaml:2:3: a key must be a word'],
])('%s is refused in one sentence', async (_, content, problem) => {
  expect(await firstProblem(content)).toBe(problem)
})

test('brackets that exhaust the stack of the parser are refused', async () => {
  expect(await firstProblem('['.repeat(100_000))).toMatch(/^Boottorrent\.yaml:1:\d+: this is nested too deeply$/)
  expect(await firstProblem('{a: '.repeat(100_000))).toMatch(/^Boottorrent\.yaml:1:\d+: this is nested too deeply$/)
})

test('a bomb of aliases stays small', async () => {
  const letters = [...'abcdefghijklmnop']
  const lines = letters.map((letter, index) => {
    const items = Array(50).fill(index === 0 ? 'x' : `*${letters[index - 1]}`)
    return `${letter}: &${letter} [${items.join(', ')}]`
  })
  expect(await firstProblem(`version: 1\n${lines.join('\n')}\nmachines: *p\n`)).toBe(
    'Boottorrent.yaml:2:1: unknown key "a"',
  )
})

test('an alias inside of what it stands for does not go round for ever', async () => {
  expect(await firstProblem('version: 1\nboot: &b\n  default: *b\n')).toBe(
    'Boottorrent.yaml:3:3: expected the name of a folder in oss/, found a mapping',
  )
  expect(await firstProblem('version: 1\nmachines: &m [*m, *m]\n')).toMatch(
    /^Boottorrent\.yaml:2:14: expected a mapping/,
  )
})

test('one rule that is used a hundred thousand times is read in bounded time', async () => {
  expect(await firstProblem(`version: 1\nmachines: [&x {mac: zz}, ${'*x,'.repeat(100_000)}]`)).toBe(
    'Boottorrent.yaml:2:21: "zz" is not a MAC address like 52:54:00:12:34:56',
  )
})

test('text of the file cannot reach the terminal raw', async () => {
  expect(await firstProblem('version: 1\n"\\e[2Jboot": 1\n')).toBe('Boottorrent.yaml:2:1: unknown key "?[2Jboot"')
})

test('anchors and aliases work where they help', async () => {
  await using environment = await temporaryEnvironment({
    'Boottorrent.yaml': 'version: 1\nboot: {default: &d a}\nmachines:\n  - {architecture: bios, default: *d}\n',
    ...linux('a'),
  })
  const { configuration } = await loadEnvironment(environment.directory)
  expect(configuration?.machines[0]?.defaultOs).toBe('a')
})

test('a byte order mark and the line ends of Windows do no harm', async () => {
  await using environment = await temporaryEnvironment({
    'Boottorrent.yaml': '\ufeffversion: 1\r\nboot:\r\n  timeout: 3\r\n  tiemout: 3\r\n',
    ...linux('a'),
  })
  const { problems } = await loadEnvironment(environment.directory)
  expect(problems.map(({ line, column }) => [line, column])).toEqual([[4, 3]])
})

test('a folder, a FIFO or a device instead of Boottorrent.yaml does not hang anything', async () => {
  await using environment = await temporaryEnvironment({ 'folder/': '', 'fifo/': '', 'device/': '', 'circle/': '' })
  const place = (name: string) => path.join(environment.directory, name, 'Boottorrent.yaml')
  await mkdir(place('folder'))
  execFileSync('mkfifo', [place('fifo')])
  await symlink('/dev/zero', place('device'))
  await symlink('Boottorrent.yaml', place('circle'))
  const messages = await Promise.all(
    ['folder', 'fifo', 'device', 'circle'].map(async (name) => {
      const { problems } = await loadEnvironment(path.join(environment.directory, name))
      return problems.map(({ message }) => message)
    }),
  )
  expect(messages).toEqual([
    ['this is a folder'],
    ['this is not a regular file'],
    ['this is not a regular file'],
    ['the path is a circle of symbolic links'],
  ])
})

test('a file whose size is said to be 0 is read all the same', async () => {
  await using environment = await temporaryEnvironment({ 'a/': '' })
  await symlink('/proc/self/limits', path.join(environment.directory, 'a/Boottorrent.yaml'))
  const { problems } = await loadEnvironment(path.join(environment.directory, 'a'))
  expect(problems.map(({ code }) => code)).not.toContain('empty-file')
  expect(problems.length).toBeGreaterThan(0)
})

test('a folder without Boottorrent.yaml says what to do', async () => {
  await using environment = await temporaryEnvironment({ 'empty/': '', 'misnamed/boottorrent.yml': 'version: 1\n' })
  const hintOf = async (name: string) =>
    (await loadEnvironment(path.join(environment.directory, name))).problems[0]?.hint
  expect(await hintOf('empty')).toBe('Name the folder of your environment, or make one with "boottorrent init".')
  expect(await hintOf('misnamed')).toBe('Rename boottorrent.yml to Boottorrent.yaml.')
  expect(await hintOf('gone')).toBe('Correct the path, or make an environment there with "boottorrent init".')
})

test('whatever happens to the bytes of an environment, it is read or refused in clean sentences', async () => {
  const fixture = path.join(import.meta.dirname, '../../fixtures/environments/version1')
  const original = await readFile(path.join(fixture, 'Boottorrent.yaml'))
  await using environment = await temporaryEnvironment({
    'Boottorrent.yaml': '',
    ...linux('debian'),
    ...linux('rescue'),
  })
  const random = pseudoRandom(20181122)
  let right = 0
  for (let round = 0; round < 500; round++) {
    await writeFile(path.join(environment.directory, 'Boottorrent.yaml'), mutated(original, random))
    const { configuration, problems } = await loadEnvironment(environment.directory)
    expect(configuration === undefined).toBe(problems.length > 0)
    if (configuration) right++
    for (const problem of problems) {
      expect(`${problem.message}${problem.hint}`).not.toMatch(/[\p{Cc}\p{Cs}]|undefined|\[object/u)
      expect(problem.hint).toMatch(/[.?]$/)
    }
  }
  // Some mutations only change a comment, a number or a name.
  expect(right).toBeGreaterThan(10)
  expect(right).toBeLessThan(390)
})

/** Numbers from 0 to below the limit that are the same on every run (mulberry32). */
function pseudoRandom(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

/** The bytes with one to three of them changed, removed, or copied to another place in a run. */
function mutated(original: Buffer, random: (limit: number) => number): Buffer {
  const interesting = Buffer.from(':-[]{}&*!|>%@`"\'#,? \n\t\r\0\u001b\u00a0<<')
  let bytes = original
  for (let changes = 1 + random(3); changes > 0; changes--) {
    const start = random(bytes.length)
    const end = Math.min(bytes.length, start + random(12))
    const run = bytes.subarray(start, end)
    const at = random(bytes.length)
    const byte =
      random(2) === 0 ? Buffer.from([interesting[random(interesting.length)] ?? 0]) : Buffer.from([random(256)])
    const inserted = [byte, run, Buffer.alloc(0)][random(3)] ?? byte
    const removed = inserted.length === 0 ? end - start : random(2)
    bytes = Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)])
  }
  return bytes
}
