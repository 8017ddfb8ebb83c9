/**
 * What each command loads, as Node's own coverage tells it: whoever asks for the version does not wait for the seeder.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const dist = path.resolve(import.meta.dirname, '../../dist')
const program = path.join(dist, 'boottorrent.js')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'boottorrent-loaded-'))
  await mkdir(path.join(folder, 'lab/oss'), { recursive: true })
  await writeFile(
    path.join(folder, 'lab/Boottorrent.yaml'),
    'version: 1\nnetwork: { interface: lo, host_ip: 127.0.0.1, mode: "off" }\nhttp: { port: 20201 }\n',
  )
  await mkdir(path.join(folder, 'wrong'))
  await writeFile(path.join(folder, 'wrong/Boottorrent.yaml'), 'version: 1\nbot: {}\n')
  await writeFile(path.join(folder, 'hello.sh'), '#!/bin/sh\necho hello\n')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Loaded {
  /** Folders directly in src, files that lie there, and of `add` the one file that names its methods. */
  readonly rooms: readonly string[]
  readonly packages: readonly string[]
}

/** The bundle keeps the name of each source file above its code. */
const SOURCE = /^\s*\/\/ (src|node_modules)\/(\S+)$/gm

/** @param code the exit code that the command ends with */
async function loadedBy(code: number, ...words: string[]): Promise<Loaded> {
  const coverage = await mkdtemp(path.join(folder, 'coverage-'))
  const env = { ...process.env, NODE_V8_COVERAGE: coverage }
  const ended = await run(process.execPath, [program, ...words], { cwd: folder, env }).catch((error) => error)
  expect(ended.code ?? 0, `${ended.stdout}${ended.stderr}`).toBe(code)
  const rooms = new Set<string>()
  const packages = new Set<string>()
  for (const file of await filesIn(coverage)) {
    const outside = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]
    if (outside !== undefined) packages.add(outside)
    if (path.dirname(file) !== dist) continue
    for (const [, where, name = ''] of (await readFile(file, 'utf8')).matchAll(SOURCE)) {
      if (where === 'src') rooms.add(name === 'add/plan.ts' ? name : (name.split('/')[0] ?? name))
      else packages.add(/^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name)
    }
  }
  return { rooms: [...rooms].sort(), packages: [...packages].sort() }
}

async function filesIn(coverage: string): Promise<Set<string>> {
  const reports = await Promise.all(
    (await readdir(coverage)).map((name) => readFile(path.join(coverage, name), 'utf8')),
  )
  const urls = reports.flatMap((text) => (JSON.parse(text) as { result: { url: string }[] }).result)
  return new Set(urls.filter(({ url }) => url.startsWith('file:')).map(({ url }) => fileURLToPath(url)))
}

/** Every command has these: the command line itself, the names of its flags, its sentences. */
const everywhere = ['add/plan.ts', 'cli', 'environment', 'errors.ts', 'log.ts', 'platform']

/** What serves. Who does not serve needs none of it. */
const services = [
  'dhcp',
  'http',
  'machines',
  'second-seed',
  'tftp',
  'tracker',
  'web',
  'server.ts',
  'composed-server.ts',
]

test.each(['version', '--version', '--help', 'start --help'])(
  'boottorrent %s loads the command line alone',
  async (command) => {
    const { rooms, packages } = await loadedBy(0, ...command.split(' '))
    expect(rooms).toEqual(everywhere)
    expect(packages).toEqual(['commander'])
  },
)

const withEnvironment = ['reading.ts', 'served-folder.ts']
const making = ['make-folder.ts', 'package-root.ts', 'write-error.ts']
const withDemo = [...making, 'add', 'client-manifest.ts', 'client-package.ts', 'initrd', 'reading.ts']

test.each<[command: string, code: number, rooms: readonly string[], packages: readonly string[]]>([
  ['completion bash', 0, ['completion'], []],
  ['check lab', 0, withEnvironment, ['yaml']],
  ['init new --interface lo', 0, making, []],
  ['init demo --interface lo --demo', 0, withDemo, ['yaml']],
  ['status lab', 1, [...withEnvironment, 'ui'], ['yaml']],
  ['wake 52:54:00:00:00:01 --dir lab', 0, [...withEnvironment, 'bind-error.ts', 'wake'], ['yaml']],
  // An environment that cannot be served needs no services.
  ['start wrong --json', 2, [...withEnvironment, 'ui'], ['yaml']],
])('boottorrent %s loads no more than it needs', async (command, code, rooms, packages) => {
  const loaded = await loadedBy(code, ...command.split(' '))
  expect(loaded.rooms).toEqual([...new Set([...everywhere, ...rooms])].sort())
  expect(loaded.packages).toEqual(['commander', ...packages])
})

test('add reads archives, and loads nothing that serves', async () => {
  const { rooms, packages } = await loadedBy(0, 'add', 'hello.sh', '--to', 'lab')
  expect(rooms.filter((room) => services.includes(room) || room === 'doctor')).toEqual([])
  expect(packages.filter((name) => /torrent|bencode|ink|react/.test(name))).toEqual([])
})

test('doctor asks for other DHCP servers, and loads nothing else that serves', async () => {
  const { rooms, packages } = await loadedBy(0, 'doctor', 'lab')
  expect(rooms.filter((room) => services.includes(room) || room === 'seeder')).toEqual(['dhcp'])
  expect(packages).toEqual(['commander', 'yaml'])
})

test('the version takes little of the processor: the figure is printed', async () => {
  const measure =
    'process.on("exit",()=>{const u=process.resourceUsage();process._rawDebug(u.userCPUTime+u.systemCPUTime)})'
  const words = ['--import', `data:text/javascript,${measure}`]
  const milliseconds = async (...rest: string[]) => {
    const { stderr } = await run(process.execPath, [...words, ...rest])
    return Math.round(Number(stderr) / 1000)
  }
  const node = await milliseconds('--eval', '0')
  const version = await milliseconds(program, 'version')
  console.log(`boottorrent version: ${version} ms of processor time, of which Node itself takes ${node} ms`)
  // 300 ms are the goal; a busy computer counts more for the same work.
  expect(version).toBeLessThan(1000)
})
