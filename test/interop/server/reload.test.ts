/** An environment whose files change while it is served. */
import { once } from 'node:events'
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lineOf, lines } from '../dhcp/network.ts'
import { ended, image, ServedLab } from './served-lab.ts'

const program = path.join(import.meta.dirname, 'start-with-client.ts')
/** aria2's words. */
const FIRST_PIECE = /we got new piece/i

let lab: ServedLab

beforeEach(async () => {
  lab = await ServedLab.open(23_000)
  await lab.writeSystem('other', image('other'))
})

afterEach(() => lab[Symbol.asyncDispose]())

describe('an image that changes while machines download it', () => {
  it('is noticed, and served as what it is now; who is half-way is told to start again and gets no wrong byte', async () => {
    await using server = await lab.start()
    const { machine, into } = await lab.beginDownload('demo')
    await lineOf(machine, FIRST_PIECE)
    const told = lineOf(machine, /this system has changed on the server: start the machine again/)
    const reloaded = once(server, 'reload')
    await writeFile(path.join(lab.environment, 'oss/demo/vmlinuz'), image('second'))
    const [reload] = await reloaded
    expect(reload).toMatchObject({ ok: true, problems: [], needsRestart: [] })
    expect(reload.systems).toEqual([{ os: 'demo', infoHash: expect.any(String), before: expect.any(String) }])
    expect((await lab.download('demo')).equals(image('second'))).toBe(true)
    await told
    await ended(machine)
    // Nothing that it kept is of the new image, which it does not want.
    const partial = await readFile(path.join(into, 'demo/vmlinuz'))
    expect(partial.includes('secondsecond')).toBe(false)
    expect(partial.includes('firstfirst')).toBe(true)
  })

  it('does not disturb the download of another one', async () => {
    await using server = await lab.start({ watch: false })
    const { machine, into } = await lab.beginDownload('other', '4M')
    await lineOf(machine, FIRST_PIECE)
    await writeFile(path.join(lab.environment, 'oss/demo/vmlinuz'), image('second'))
    expect(await server.reload()).toMatchObject({ ok: true, systems: [{ os: 'demo' }] })
    const [code] = await once(machine, 'exit')
    expect(code).toBe(0)
    expect((await readFile(path.join(into, 'other/vmlinuz'))).equals(image('other'))).toBe(true)
    expect(lab.entries.filter(({ event, infoHash }) => event === 'seeder.connect' && infoHash).length).toBe(1)
  })
})

describe('an environment that changes while it is served', () => {
  it('serves a system that was added and none that was removed', async () => {
    await using server = await lab.start({ watch: false })
    await lab.writeSystem('added', image('added'))
    await rm(path.join(lab.environment, 'oss/demo'), { recursive: true })
    const { systems } = await server.reload()
    expect(systems.map(({ os, before, infoHash }) => [os, before === undefined, infoHash === undefined])).toEqual([
      ['added', true, false],
      ['demo', false, true],
    ])
    expect((await lab.download('added')).equals(image('added'))).toBe(true)
    expect((await fetch(`${lab.base}/torrents/demo.torrent`)).status).toBe(404)
    const { oss } = JSON.parse(await (await fetch(`${lab.base}/client.json`)).text()) as { oss: { name: string }[] }
    expect(oss.map(({ name }) => name)).toEqual(['added', 'other'])
    expect(await readdir(path.join(lab.environment, 'out/torrents'))).toEqual(['added.torrent', 'other.torrent'])
    const segment = Buffer.from(await (await fetch(`${lab.base}/environment.img`)).arrayBuffer())
    expect([segment.includes('added.torrent'), segment.includes('demo.torrent')]).toEqual([true, false])
  })

  it('goes on as it was while it is broken, says what is wrong where, and serves it once it is mended', async () => {
    await using server = await lab.start({ watch: false })
    const config = path.join(lab.environment, 'oss/demo/config.yaml')
    const right = await readFile(config, 'utf8')
    await writeFile(config, right.replace('kernel: vmlinuz', 'kernle: vmlinuz'))
    const refused = await server.reload()
    expect(refused).toMatchObject({ ok: false, systems: [] })
    expect(refused.problems).toContainEqual(
      expect.objectContaining({ file: 'oss/demo/config.yaml', line: 3, column: 1 }),
    )
    const told = lab.entries.filter(({ event }) => event === 'environment.problem')
    expect(told.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^oss\/demo\/config\.yaml:3:1: .*kernle/),
    )
    expect((await lab.download('demo')).equals(image('first'))).toBe(true)
    await writeFile(config, right.replace('The demo', 'Another name'))
    expect(await server.reload()).toMatchObject({ ok: true })
    expect(await (await fetch(`${lab.base}/client.json`)).text()).toContain('Another name')
  })

  it('says which settings wait for a restart', async () => {
    await using server = await lab.start({ watch: false })
    await lab.configure({ timeout: -2, more: 'log_level: debug\n' })
    expect(await server.reload()).toMatchObject({ ok: true, systems: [], needsRestart: ['log_level'] })
    expect(await (await fetch(`${lab.base}/client.json`)).json()).toMatchObject({ timeout: -2 })
  })
})

describe('the program', () => {
  const startProgram = () => lab.startProgram(program, lab.client, lab.environment)

  it('reads its environment again when it gets SIGHUP', async () => {
    const started = startProgram()
    await lineOf(started, /"server\.ready"/)
    const told = lineOf(started, /"environment\.reloaded"/)
    started.kill('SIGHUP')
    expect(JSON.parse(await told)).toMatchObject({ systems: [] })
    started.kill('SIGTERM')
    expect(await once(started, 'exit')).toEqual([0, null])
  })

  it('that is stopped while it reads an image leaves nothing half-written', async () => {
    await truncate(path.join(lab.environment, 'oss/demo/vmlinuz'), 24 * 2 ** 30)
    const started = startProgram()
    const said: string[] = []
    lines(started.stdout, (line) => said.push(line))
    const progress = JSON.parse(await lineOf(started, /"torrent\.progress"/))
    expect(progress).toMatchObject({ os: 'demo', bytes: 24 * 2 ** 30, bytesPerSecond: expect.any(Number) })
    started.kill('SIGINT')
    const [code] = await once(started, 'exit')
    expect(code).toBe(0)
    expect(said.at(-1)).toContain('"server.closed"')
    expect(await readdir(lab.environment)).toEqual(['Boottorrent.yaml', 'oss'])
  })
})
