import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ServerEvent } from '../lab/boot-server.ts'
import { nodeOf, nodeVersions } from './nodes.ts'
import { type Installation, installPacked } from './packed.ts'

const run = promisify(execFile)
const root = path.resolve(import.meta.dirname, '../..')

let installed: Installation
beforeAll(async () => {
  installed = await installPacked()
}, 400_000)
afterAll(() => installed?.[Symbol.asyncDispose]())

describe('the packed tarballs, installed offline and without scripts', () => {
  it('bring no native code and no package that has to be fetched', async () => {
    const files = await readdir(path.join(installed.folder, 'node_modules'), { recursive: true })
    expect(files.filter((file) => file.endsWith('.node') || path.basename(file) === 'binding.gyp')).toEqual([])
    const packages = await readdir(path.join(installed.folder, 'node_modules'))
    expect(packages.filter((name) => !name.startsWith('.')).sort()).toEqual([
      '@boottorrent',
      'boottorrent',
      'commander',
      'yaml',
    ])
  })

  it('stay small', () => {
    const megabyte = 1_000_000
    expect(installed.tarballs.host).toBeLessThan(1 * megabyte)
    expect(installed.tarballs.client).toBeLessThan(110 * megabyte)
  })

  it('bring the documents and examples that their README and messages name', async () => {
    const folder = path.join(installed.folder, 'node_modules/boottorrent')
    const readme = await readFile(path.join(folder, 'README.md'), 'utf8')
    // Pictures are left out: they are larger than the program.
    const links = [...readme.matchAll(/(?<!!\[[^\]]*)\]\((docs\/[^)#]*\.md|examples)\)/g)].map(
      ([, link]) => link as string,
    )
    expect(links).toContain('docs/configuration.md')
    const missing = links.filter((link) => !existsSync(path.join(folder, link)))
    expect(missing).toEqual([])
  })

  it('please publint', async () => {
    const { stdout } = await run('npx', ['--no-install', 'publint', installed.hostTarball, '--strict'], { cwd: root })
    expect(stdout).toContain('All good')
  })

  it('have types that resolve wherever ES modules do', async () => {
    const words = ['--no-install', 'attw', installed.hostTarball, '--profile', 'esm-only', '--format', 'table-flipped']
    await run('npx', words, { cwd: root })
  })

  it('let a TypeScript program be written against them', async () => {
    const consumer = path.join(installed.folder, 'consumer.ts')
    await writeFile(
      consumer,
      `import { createBootServer, type MachineStep } from 'boottorrent'
import { createDhcpServer } from 'boottorrent/dhcp'
import { packInitrd } from 'boottorrent/initrd'

export async function serve(): Promise<void> {
  await using server = await createBootServer({ environment: './lab' })
  server.on('machine', (step: MachineStep) => console.log(step.mac.length))
  await server.start()
}
export const parts = [createDhcpServer, packInitrd]
// @ts-expect-error an environment is needed
createBootServer({})
`,
    )
    const compiler = path.join(root, 'node_modules/.bin/tsc')
    const types = path.join(root, 'node_modules/@types')
    const words = [
      '--noEmit',
      '--strict',
      '--target',
      'es2024',
      '--lib',
      'es2024,esnext.disposable',
      '--module',
      'nodenext',
    ]
    await run(compiler, [...words, '--types', 'node', '--typeRoots', types, consumer], { cwd: installed.folder })
  })

  for (const version of nodeVersions) {
    it(`serve an environment that aria2 downloads, on Node ${version}`, { timeout: 120_000 }, async () => {
      const node = await nodeOf(version)
      const boottorrent = (...words: string[]) => run(node, [installed.program, ...words], { cwd: installed.folder })

      const reported = await boottorrent('version')
      const { version: expected } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
      expect(reported.stdout).toBe(`boottorrent ${expected}\n`)

      const environment = path.join(installed.folder, `lab-${version}`)
      const payload = await writeEnvironment(environment)
      expect(JSON.parse((await boottorrent('check', environment, '--json')).stdout)).toMatchObject({ ok: true })

      await using server = await serve(node, environment)
      const script = await fetch(`http://127.0.0.1:${ports.http}/boot.ipxe`)
      expect(await script.text()).toMatch(/^#!ipxe/)
      for (const [part, content] of webPage) {
        const answer = await fetch(`http://127.0.0.1:${ports.http}${part}`)
        expect(answer.status, part).toBe(200)
        expect(await answer.text(), part).toMatch(content)
      }
      expect((await boottorrent('status', environment)).stdout).toMatch(
        /serves lo \(127\.0\.0\.1\).*\nDemo: \d have it/,
      )
      const torrent = path.join(environment, 'out/torrents/demo.torrent')
      const downloads = path.join(environment, 'downloaded')
      await run('aria2c', [torrent, '--dir', downloads, '--seed-time=0', '--enable-dht=false', '--quiet'])
      expect((await readFile(path.join(downloads, 'demo/vmlinuz'))).equals(payload)).toBe(true)
      expect(await server.stop()).toBe(0)
    })

    it(`show a classroom with \`demo\`, on Node ${version}`, { timeout: 120_000 }, async () => {
      const node = await nodeOf(version)
      const words = ['demo', '--clients', '3', '--size', '2MB', '--json']
      const { stdout } = await run(node, [installed.program, ...words], {
        cwd: installed.folder,
        maxBuffer: 10_000_000,
      })
      const events = stdout
        .trim()
        .split('\n')
        .map((line): ServerEvent => JSON.parse(line))
      const last = events.at(-1)
      expect(last).toMatchObject({ event: 'summary', clients: 3, booted: 3, imageBytes: 2_000_000, damagedPieces: 0 })
      expect(last?.serverBytes).toBeGreaterThanOrEqual(2_000_000)
      expect(last?.serverBytes).toBeLessThan(4_000_000)
      expect(last?.centralSeconds, 'three times 2 MB at 20 Mbit/s').toBeGreaterThan(2.3)
      const running = events.filter(({ event, step }) => event === 'machine' && step === 'running')
      expect(new Set(running.map(({ mac }) => mac)).size).toBe(3)
    })
  }
})

/** What the page of the room consists of, and something that is in each part. */
const webPage = [
  ['/', /<canvas id="moving">/],
  ['/web/page.js', /EventSource/],
  ['/web/style.css', /--peers:/],
  ['/web/icon.svg', /<svg/],
] as const

/** Ports of this file alone. */
const ports = { tftp: 20_069, http: 20_080, tracker: 20_001, seeder: 20_881 }

async function writeEnvironment(environment: string): Promise<Buffer> {
  await mkdir(path.join(environment, 'oss/demo'), { recursive: true })
  const payload = Buffer.alloc(2_000_000, 'an operating system ')
  await writeFile(path.join(environment, 'oss/demo/vmlinuz'), payload)
  await writeFile(path.join(environment, 'oss/demo/config.yaml'), 'dispname: Demo\nmethod: kexec\nkernel: vmlinuz\n')
  await writeFile(
    path.join(environment, 'Boottorrent.yaml'),
    `version: 1
network: { interface: lo, host_ip: 127.0.0.1, mode: "off" }
tftp: { port: ${ports.tftp} }
http: { port: ${ports.http} }
tracker: { port: ${ports.tracker} }
seeder: { port: ${ports.seeder} }
`,
  )
  return payload
}

interface RunningServer extends AsyncDisposable {
  /** As Ctrl+C does; resolves with the exit status. */
  stop(): Promise<number | null>
}

/** Starts the program and waits until it is ready. */
async function serve(node: string, environment: string): Promise<RunningServer> {
  const child = spawn(node, [installed.program, 'start', environment, '--json'], {
    cwd: installed.folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const stop = () => {
    child.kill('SIGINT')
    return ended
  }
  const said: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line)
    if ((JSON.parse(line) as ServerEvent).event === 'server.ready') {
      child.stdout.resume()
      return { stop, [Symbol.asyncDispose]: async () => void (await stop()) }
    }
  }
  throw new Error(`boottorrent ended before it was ready:\n${said.join('\n')}`)
}
