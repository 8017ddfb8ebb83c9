import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClientConfiguration } from '../../../client/contract.ts'
import type { LogEntry } from '../../../src/log.ts'
import { createBootServer } from '../../../src/server.ts'
import type { SwarmState } from '../../../src/torrent-plane.ts'
import { writeClient } from './client-files.ts'

const run = promisify(execFile)

/** Ports of this test alone: the composed server takes them from the environment's file. */
const ports = { tftp: 22_069, http: 22_080, tracker: 22_001, seeder: 22_881 }
const base = `http://127.0.0.1:${ports.http}`
const payload = Buffer.alloc(3_000_000, 'an operating system ')

let folder: string
let environment: string
let client: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'boottorrent-server-'))
  environment = path.join(folder, 'lab')
  client = await writeClient(path.join(folder, 'client'))
  await mkdir(path.join(environment, 'oss/demo'), { recursive: true })
  await writeFile(path.join(environment, 'oss/demo/vmlinuz'), payload)
  await writeFile(
    path.join(environment, 'oss/demo/config.yaml'),
    'dispname: Demo\nmethod: kexec\nkernel: vmlinuz\ncmdline: quiet\n',
  )
  await writeFile(
    path.join(environment, 'Boottorrent.yaml'),
    `version: 1
boot: { default: demo, timeout: 5, seed_time: 7 }
network: { interface: lo, host_ip: 127.0.0.1, mode: "off" }
tftp: { port: ${ports.tftp} }
http: { port: ${ports.http} }
tracker: { port: ${ports.tracker} }
seeder: { port: ${ports.seeder} }
`,
  )
})

afterEach(() => rm(folder, { recursive: true, force: true }))

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

describe('a whole server', () => {
  it('serves the same boot files by HTTP and TFTP, and nothing else', async () => {
    await using server = await createBootServer({ environment, client })
    await server.start()

    for (const name of ['vmlinuz-amd64', 'boot.ipxe', 'autoexec.ipxe', 'environment.img', 'snponly.efi']) {
      const byHttp = Buffer.from(await (await fetch(`${base}/${name}`)).arrayBuffer())
      const target = path.join(folder, 'fetched')
      await run('busybox', ['tftp', '-g', '-r', name, '-l', target, '127.0.0.1', String(ports.tftp)])
      expect(digest(await readFile(target)), name).toBe(digest(byHttp))
    }
    expect((await fetch(`${base}/Boottorrent.yaml`)).status).toBe(404)
    expect((await fetch(`${base}/oss/demo/config.yaml`)).status).toBe(404)
  })

  it('gives a foreign BitTorrent client the system, verified, without its config.yaml, and counts what it sent', async () => {
    await using server = await createBootServer({ environment, client })
    await server.start()
    const report = { mac: '52:54:00:00:00:01', step: 'menu', detail: '1 system' }
    await fetch(`${base}/report`, { method: 'POST', body: JSON.stringify(report) })

    const torrent = path.join(environment, 'out/torrents/demo.torrent')
    const target = path.join(folder, 'downloads')
    const quiet = ['--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false', '--seed-time=0', '--quiet']
    await run('aria2c', [...quiet, '--check-integrity=true', '--dir', target, torrent])
    expect(digest(await readFile(path.join(target, 'demo/vmlinuz')))).toBe(digest(payload))
    expect(await readdir(path.join(target, 'demo'))).toEqual(['vmlinuz'])
    const received = () => server.status.snapshot().machines[0]?.received
    await expect.poll(received, { timeout: 10_000 }).toBeGreaterThanOrEqual(payload.length)
  })

  it('tells how many machines have a system and how many want it, by its name', async () => {
    await using server = await createBootServer({ environment, client })
    const swarms: SwarmState[] = []
    server.on('swarm', (swarm) => swarms.push(swarm))
    await server.start()
    while (swarms.at(-1)?.complete !== 1) await once(server, 'swarm')
    const torrent = path.join(environment, 'out/torrents/demo.torrent')
    const off = ['--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false', '--no-conf', '--quiet']
    const machine = spawn('aria2c', [...off, '--seed-ratio=0.0', '--dir', path.join(folder, 'downloads'), torrent])
    while (swarms.at(-1)?.complete !== 2) await once(server, 'swarm')
    const left = once(server, 'swarm')
    machine.kill('SIGINT')
    await left
    expect(swarms.at(-1)).toEqual({
      infoHash: expect.any(String),
      os: 'demo',
      complete: 1,
      incomplete: 0,
      interface: 'lo',
    })
  })

  it('tells Phase-1 what the environment says', async () => {
    await using server = await createBootServer({ environment, client })
    await server.start()

    const extracted = path.join(folder, 'segment')
    await mkdir(extracted)
    await writeFile(
      path.join(folder, 'segment.img'),
      Buffer.from(await (await fetch(`${base}/environment.img`)).arrayBuffer()),
    )
    await run('bsdtar', ['-xf', path.join(folder, 'segment.img'), '-C', extracted])
    const told = JSON.parse(
      await readFile(path.join(extracted, 'boottorrent/config.json'), 'utf8'),
    ) as ClientConfiguration
    expect(told).toMatchObject({ version: 1, timeout: 5, seedTime: 7, defaultOs: 'demo', reportUrl: `${base}/report` })
    expect(told.oss).toMatchObject([
      { name: 'demo', displayName: 'Demo', method: 'kexec', kernel: 'vmlinuz', cmdline: 'quiet' },
    ])
    const torrent = await readFile(path.join(extracted, 'boottorrent/torrents/demo.torrent'))
    expect(torrent).toEqual(await readFile(path.join(environment, 'out/torrents/demo.torrent')))
  })

  it('keeps what a machine reports, and says that the machine said it', async () => {
    await using server = await createBootServer({ environment, client })
    await server.start()
    const report = { mac: '52:54:00:00:00:01', step: 'menu', detail: '1 system' }
    const answer = await fetch(`${base}/report`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(report),
    })
    expect(answer.ok).toBe(true)
    expect(server.machines()).toMatchObject([
      { mac: report.mac, timeline: [{ step: 'menu', detail: '1 system', source: 'client' }] },
    ])
  })

  it('can be started again right after it was closed', async () => {
    for (let round = 0; round < 2; round++) {
      await using server = await createBootServer({ environment, client })
      await server.start()
      expect((await fetch(`${base}/boot.ipxe`)).status).toBe(200)
    }
  })

  it('leaves nothing running when it is closed while it starts', async () => {
    for (const event of ['torrent.made', 'tracker.listening', 'http.listening']) {
      const server = await createBootServer({
        environment,
        client,
        log: (entry) => {
          if (entry.event === event) void server.close()
        },
      })
      await expect(server.start(), event).rejects.toThrow('aborted')
      await server.close()
      await expect(fetch(`${base}/boot.ipxe`), event).rejects.toThrow('fetch failed')
    }
  })

  it('goes on serving when it is started a second time', async () => {
    await using server = await createBootServer({ environment, client })
    await Promise.all([server.start(), server.start()])
    await server.start()
    expect((await fetch(`${base}/boot.ipxe`)).status).toBe(200)
  })

  it('frees what it had bound when a port is taken, and says which one and what to do', async () => {
    await using first = await createBootServer({ environment, client })
    await first.start()
    const second = await createBootServer({ environment, client })
    await expect(second.start()).rejects.toMatchObject({ code: 'PORT_IN_USE', hint: expect.stringMatching(/\S/) })
    await first.close()
    await second.start()
    expect((await fetch(`${base}/boot.ipxe`)).status).toBe(200)
    await second.close()
  })

  it('does not touch what a running one serves when a second one cannot start', async () => {
    await using first = await createBootServer({ environment, client, watch: false })
    await first.start()
    const served = path.join(environment, 'out/client.json')
    const before = await readFile(served, 'utf8')
    const renamed = 'dispname: Another name\nmethod: kexec\nkernel: vmlinuz\n'
    await writeFile(path.join(environment, 'oss/demo/config.yaml'), renamed)
    await using second = await createBootServer({ environment, client })
    await expect(second.start()).rejects.toMatchObject({ code: 'PORT_IN_USE' })
    expect(await readFile(served, 'utf8')).toBe(before)
  })

  it('makes the same torrents and boot files again when nothing has changed', async () => {
    const made: string[] = []
    for (let round = 0; round < 2; round++) {
      await using server = await createBootServer({ environment, client })
      await server.start()
      const files = ['torrents/demo.torrent', 'boot/environment.img', 'boot/boot.ipxe']
      const contents = await Promise.all(files.map((file) => readFile(path.join(environment, 'out', file))))
      made.push(contents.map(digest).join())
    }
    expect(made[1]).toBe(made[0])
  })

  it('leaves no torrent behind of a system that is gone', async () => {
    await mkdir(path.join(environment, 'oss/gone'))
    await writeFile(path.join(environment, 'oss/gone/vmlinuz'), 'kernel')
    const settings = 'dispname: Gone\nmethod: kexec\nkernel: vmlinuz\n'
    await writeFile(path.join(environment, 'oss/gone/config.yaml'), settings)
    {
      await using server = await createBootServer({ environment, client })
      await server.start()
    }
    await rm(path.join(environment, 'oss/gone'), { recursive: true })
    await using server = await createBootServer({ environment, client })
    await server.start()
    expect(await readdir(path.join(environment, 'out/torrents'))).toEqual(['demo.torrent'])
  })

  it('says which problem an environment has, and how to see all of them', async () => {
    await writeFile(path.join(environment, 'Boottorrent.yaml'), 'version: 1\nboot: { default: nothing }\n')
    await expect(createBootServer({ environment, client })).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('Boottorrent.yaml:2:'),
      hint: expect.stringContaining('boottorrent check'),
    })
  })

  it('says how to get the client when it is not there', async () => {
    await expect(createBootServer({ environment, client: path.join(folder, 'no.json') })).rejects.toMatchObject({
      code: 'CLIENT_MISSING',
      hint: expect.stringContaining('npm run build:client'),
    })
  })

  it('logs that it is ready, after everything listens', async () => {
    const entries: LogEntry[] = []
    await using server = await createBootServer({ environment, client, log: (entry) => entries.push(entry) })
    await server.start()
    expect(entries.at(-1)).toMatchObject({ event: 'server.ready', address: '127.0.0.1' })
  })
})
