/** The programs in examples/ as they stand, run with the built package as somebody's own programs would be. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { link, lstat, mkdir, mkdtemp, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLan, type Lan } from '../dhcp/lan.ts'
import { lineOf, udhcpc } from '../dhcp/network.ts'
import { ServedLab } from '../server/served-lab.ts'

const run = promisify(execFile)
const example = (name: string) => path.resolve(import.meta.dirname, '../../../examples', name)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'boottorrent-examples-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('examples/boot-server.ts', () => {
  it('serves an environment, says what a machine does, and ends on SIGTERM', async () => {
    await using lab = await ServedLab.open(28_000)
    const program = lab.startProgram(example('boot-server.ts'), lab.environment, lab.client)
    expect(await lineOf(program, /^serving/)).toBe(`serving ${lab.environment} on lo (127.0.0.1)`)

    expect(await (await fetch(`${lab.base}/boot.ipxe`)).text()).toMatch(/^#!ipxe/)
    expect((await lab.download('demo')).length).toBe(12_000_000)
    const report = { mac: '52:54:00:12:34:56', step: 'menu', detail: '1 system' }
    const said = lineOf(program, /menu/)
    const answer = await fetch(`${lab.base}/report`, { method: 'POST', body: JSON.stringify(report) })
    expect(answer.status).toBe(204)
    expect(await said).toBe('52:54:00:12:34:56 menu 1 system')

    program.kill('SIGTERM')
    expect(await once(program, 'exit')).toEqual([0, null])
  })

  it('says what is wrong with an environment and what to do', async () => {
    const words = [example('boot-server.ts'), path.join(folder, 'nowhere')]
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] })
    const ended = once(child, 'close')
    expect(await lineOf(child, /nowhere/)).toMatch(/Boottorrent\.yaml/)
    expect(await ended).toEqual([1, null])
  })
})

describe('examples/own-policy.ts', () => {
  let lan: Lan
  beforeAll(async () => {
    lan = await createLan('172.30.0.1/24')
  })
  afterAll(() => lan?.close())

  it('gives each machine the address, the name and the script that are its own', async () => {
    const server = lan.spawn(process.execPath, example('own-policy.ts'), 'lan0')
    await lineOf(server, /^serving lan0/)
    // busybox's client says what iPXE says: option 77.
    const asIpxe = ['-x', '0x4d:69505845']

    const window = await lan.host('52:54:00:00:00:07')
    const lease = await udhcpc(window, ...asIpxe)
    const own = 'machines/52-54-00-00-00-07.ipxe'
    expect(lease).toMatchObject({ ip: '172.30.0.7', hostname: 'pc-07', siaddr: '172.30.0.1', boot_file: own })
    await window.run('ip', 'address', 'add', '172.30.0.7/24', 'dev', 'eth0')
    const bySelf = await window.run('curl', '-sSf', `tftp://172.30.0.1/${own}`)
    expect(bySelf).toBe('#!ipxe\necho This is the PC at the window.\nshell\n')
    expect(await window.run('curl', '-sSf', `http://172.30.0.1:8000/${own}`)).toBe(bySelf)
    expect(await window.run('curl', '-sSf', '-r', '7-10', `http://172.30.0.1:8000/${own}`)).toBe('echo')

    const unknown = await lan.host('52:54:00:00:00:09')
    const other = await udhcpc(unknown, ...asIpxe)
    expect(other).toMatchObject({ ip: expect.stringMatching(/^172\.30\.0\.(1\d\d|200)$/), boot_file: 'stranger.ipxe' })
    expect(await window.run('curl', '-sSf', 'tftp://172.30.0.1/stranger.ipxe')).toContain('not on the list')
    await expect(window.run('curl', '-sSf', 'http://172.30.0.1:8000/../package.json')).rejects.toThrow('404')

    expect(await udhcpc(await lan.host('52:54:00:00:00:0a'))).not.toHaveProperty('boot_file')
    server.kill('SIGTERM')
    expect(await once(server, 'exit')).toEqual([0, null])
  })
})

describe('examples/initrd-from-tarball.ts', () => {
  it('makes an initrd that GNU cpio unpacks to what GNU tar packed, links and rights and all', async () => {
    const [from, into] = [path.join(folder, 'from'), path.join(folder, 'into')]
    await mkdir(path.join(from, 'etc'), { recursive: true })
    await mkdir(path.join(from, 'bin'), { mode: 0o711 })
    await mkdir(into)
    await writeFile(path.join(from, 'bin/busybox'), Buffer.alloc(300_001, 'program'), { mode: 0o755 })
    await writeFile(path.join(from, 'etc/größe'), 'Grüße\n', { mode: 0o640 })
    await writeFile(path.join(from, 'etc/empty'), '')
    await link(path.join(from, 'bin/busybox'), path.join(from, 'bin/sh'))
    await symlink('bin/busybox', path.join(from, 'init'))
    const [archive, initrd] = [path.join(folder, 'rootfs.tar'), path.join(folder, 'rootfs.cpio')]
    await run('tar', ['-C', from, '--mtime=@1000000000', '-cf', archive, '.'])

    await run(process.execPath, [example('initrd-from-tarball.ts'), archive, initrd])
    await run('sh', ['-c', `cpio -idm --quiet < '${initrd}'`], { cwd: into })

    await run('diff', ['-r', '--no-dereference', from, into])
    expect(await readlink(path.join(into, 'init'))).toBe('bin/busybox')
    const [busybox, shell] = [await lstat(path.join(into, 'bin/busybox')), await lstat(path.join(into, 'bin/sh'))]
    expect([busybox.ino, busybox.nlink, busybox.mode & 0o7777]).toEqual([shell.ino, 2, 0o755])
    expect(busybox.mtimeMs).toBe(1_000_000_000_000)
    expect((await lstat(path.join(into, 'bin'))).mode & 0o7777).toBe(0o711)
    expect((await lstat(path.join(into, 'etc/größe'))).mode & 0o7777).toBe(0o640)
  })

  it('fails on an archive that is cut off', async () => {
    const archive = path.join(folder, 'cut.tar')
    await run('tar', ['-C', path.dirname(example('')), '-cf', archive, path.basename(example(''))])
    await writeFile(archive, (await readFile(archive)).subarray(0, 700))
    await expect(
      run(process.execPath, [example('initrd-from-tarball.ts'), archive, path.join(folder, 'cut.cpio')]),
    ).rejects.toThrow(/Unexpected end|end of/)
  })
})
