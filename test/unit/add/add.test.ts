import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type AddOptions, addSystem } from '../../../src/add/index.ts'
import { run } from '../../../src/cli/run.ts'
import { loadEnvironment } from '../../../src/environment/index.ts'
import { fakeIo } from '../cli/fake-io.ts'
import { linux, temporaryEnvironment } from '../environment/temporary-environment.ts'
import { kernel, smallSystem, type TarItem, tarOf } from './made.ts'

const empty = { 'Boottorrent.yaml': 'version: 1\n' }

/** An environment beside files that are not in it yet. */
async function room(files: Readonly<Record<string, string | Uint8Array>>) {
  const folder = await temporaryEnvironment({ 'lab/Boottorrent.yaml': 'version: 1\n', ...files })
  const at = (name: string) => path.join(folder.directory, name)
  return {
    at,
    add: (names: readonly string[], options: Partial<AddOptions> = {}) =>
      addSystem({ environment: at('lab'), sources: names.map(at), ...options }),
    load: () => loadEnvironment(at('lab')),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

/** Adds a root file system with a kernel of its own and answers the names in its initrd. */
async function namesInInitrd(
  items: readonly TarItem[],
  wrap: (tar: Buffer) => Uint8Array = (tar) => tar,
): Promise<string> {
  const archive = await tarOf([...items, { name: 'boot/vmlinuz-6.1', content: kernel() }])
  await using lab = await room({ 'rootfs.tar': wrap(archive) })
  await lab.add(['rootfs.tar'], { name: 'system' })
  return gunzipSync(await readFile(lab.at('lab/oss/system/initrd.gz'))).toString('latin1')
}

describe('a kernel', () => {
  test('with its initrds becomes a system that the server takes, without using room for a copy', async () => {
    await using lab = await room({ 'boot/vmlinuz': kernel(), 'boot/a.img': '070701', 'boot/b.img': 'packed' })
    const added = await lab.add(['boot/vmlinuz', 'boot/a.img', 'boot/b.img'], {
      cmdline: 'quiet splash',
      name: 'rescue',
    })
    expect(added).toMatchObject({ name: 'rescue', method: 'kexec', bytes: 4096 + 6 + 6 })
    const { configuration, problems } = await lab.load()
    expect(problems).toEqual([])
    expect(configuration?.oss).toMatchObject([
      {
        displayName: 'rescue',
        method: 'kexec',
        kernel: 'vmlinuz',
        initrds: ['a.img', 'b.img'],
        cmdline: 'quiet splash',
      },
    ])
    expect((await stat(lab.at('boot/vmlinuz'))).nlink).toBe(2)
  })

  test('is told apart from its initrds in whatever order they are named', async () => {
    await using lab = await room({ 'initrd.img': '070701', 'linux-6.1': kernel() })
    await lab.add(['initrd.img', 'linux-6.1'])
    expect((await lab.load()).configuration?.oss[0]).toMatchObject({ name: 'initrd', kernel: 'linux-6.1' })
  })

  test('and an initrd of the same name from another folder both stay', async () => {
    await using lab = await room({ 'a/linux': kernel(), 'b/linux': '070701' })
    await lab.add(['a/linux', 'b/linux'])
    expect((await lab.load()).configuration?.oss[0]).toMatchObject({ kernel: 'linux', initrds: ['2-linux'] })
  })
})

describe('images and programs', () => {
  test.each([
    ['a disk image with a boot sector', bootSector(1_000_000), ['-drive', 'file=disk.img,format=raw']],
    ['a qcow2 image', Buffer.from('QFI\xfb and more', 'latin1'), ['-hda', 'disk.img']],
    ['a floppy image', Buffer.alloc(1_474_560), ['-fda', 'disk.img']],
  ])('%s starts under QEMU', async (_, bytes, args) => {
    await using lab = await room({ 'x/disk.img': bytes })
    await lab.add(['x/disk.img'])
    expect((await lab.load()).configuration?.oss[0]).toMatchObject({ method: 'qemu', args })
  })

  test('a script becomes a program that may be executed, and the original keeps its rights', async () => {
    await using lab = await room({ hello: '#!/bin/sh\necho hello\n' })
    await lab.add(['hello'], { cmdline: '--to "the world"' })
    expect((await lab.load()).configuration?.oss[0]).toMatchObject({ method: 'program', args: ['--to', 'the world'] })
    expect((await stat(lab.at('lab/oss/hello/hello'))).mode & 0o111).toBe(0o111)
    expect((await stat(lab.at('hello'))).mode & 0o111).toBe(0)
  })

  test('a program that is linked against glibc is added, with what that costs machines and which of them can run it', async () => {
    await using lab = await room({ ls: await readFile('/bin/ls') })
    const { decisions } = await lab.add(['ls'])
    expect(decisions.join(' ')).toMatch(/on 64-bit PCs only.* needs shared libraries: machines fetch glibc/)
  })

  test('a program with another loader than that of glibc is added with a warning', async () => {
    const musl = Buffer.from(
      (await readFile('/bin/ls'))
        .toString('latin1')
        .replace('/lib64/ld-linux-x86-64.so.2', '/lib64/ld-musl-x86-64.so.1\0'),
      'latin1',
    )
    await using lab = await room({ ls: musl })
    const { decisions } = await lab.add(['ls'])
    expect(decisions.join(' ')).toContain('by way of /lib64/ld-musl-x86-64.so.1, which Phase-1 Linux does not have')
  })

  test('a program of another processor is refused', async () => {
    const arm = Buffer.alloc(64)
    arm.write('\x7fELF\x02\x01', 'latin1')
    arm.writeUInt16LE(183, 18)
    await using lab = await room({ tool: arm })
    await expect(lab.add(['tool'])).rejects.toThrow('is a program for arm64; Phase-1 Linux runs on x86')
  })
})

describe('a root file system', () => {
  test('becomes an initrd with the kernel that it brings and its own init', async () => {
    const items: TarItem[] = [...smallSystem, { name: 'sbin/init', content: 'stands for an init', mode: 0o755 }]
    const archive = await tarOf([
      ...items,
      { name: 'boot/vmlinuz-6.1.9', content: 'an older one' },
      { name: 'boot/vmlinuz-6.1.10', content: kernel() },
    ])
    await using lab = await room({ 'rootfs.tar.gz': gzipSync(archive) })
    const added = await lab.add(['rootfs.tar.gz'], { cmdline: 'quiet' })
    expect(added.decisions.join(' ')).toContain('vmlinuz-6.1.10')
    const [os] = (await lab.load()).configuration?.oss ?? []
    expect(os).toMatchObject({ kernel: 'vmlinuz', initrds: ['initrd.gz'] })
    expect(os).toHaveProperty('cmdline', expect.stringMatching(/rdinit=\/sbin\/init quiet$/))
    expect((await stat(lab.at(`lab/oss/${added.name}/vmlinuz`))).size).toBe(4096)
  })

  test('without init and kernel gets an /init that runs a shell', async () => {
    const names = await namesInInitrd(smallSystem)
    expect(names).toContain('#!/bin/sh')
    expect(names).toContain("'/bin/sh'")
    expect(names).toContain('usr/bin/sh')
  })

  test.each([
    ['half an archive', (tar: Buffer) => tar.subarray(0, 700)],
    ['half a packed archive', (tar: Buffer) => gzipSync(tar).subarray(0, -20)],
    ['packed noise', () => gzipSync('no archive at all')],
  ])('%s is refused, and nothing stays behind', async (_, cut) => {
    await using lab = await room({ 'rootfs.tar': cut(await tarOf(smallSystem)) })
    await expect(lab.add(['rootfs.tar'])).rejects.toMatchObject({ code: 'FORMAT', hint: expect.any(String) })
    expect(await readdir(lab.at('lab'))).toEqual(['Boottorrent.yaml'])
  })
})

describe('a container image', () => {
  test('its layers are laid on one another, and its program is what runs', async () => {
    await using lab = await room({})
    await writeLayout(lab.at('image'), {
      layers: [
        [...smallSystem, { name: 'boot/vmlinuz-6.1', content: kernel() }, { name: 'srv/old' }],
        [{ name: 'srv/.wh.old' }, { name: 'srv/new', content: 'new' }],
      ],
      config: { Entrypoint: ['/usr/bin/serve'], Cmd: ["it's", 'on'], Env: ['LANG=C'], WorkingDir: '/srv' },
    })
    const { decisions, displayName } = await lab.add(['image'], { name: 'image' })
    expect(displayName).toBe('lab/serve:1')
    expect(decisions.join(' ')).toContain('runs /usr/bin/serve')
    const initrd = gunzipSync(await readFile(lab.at('lab/oss/image/initrd.gz'))).toString('latin1')
    expect(initrd).toContain("'/usr/bin/serve' 'it'\\''s' 'on'")
    expect(initrd).toContain("export LANG='C'")
    expect(initrd).toContain('srv/new')
    expect(initrd).not.toContain('srv/old')
  })

  test('a layer that is not what its checksum says is refused', async () => {
    await using lab = await room({})
    const [layer] = await writeLayout(lab.at('image'), { layers: [smallSystem], config: {} })
    await writeFile(layer as string, await tarOf([...smallSystem, { name: 'evil' }]))
    await expect(lab.add(['image'])).rejects.toThrow('its checksum is not the one that the image names')
  })

  test.skipIf(process.platform === 'win32').each(['layer', 'index'])(
    'a FIFO as its %s is refused instead of waited for',
    async (part) => {
      await using lab = await room({})
      const [layer = ''] = await writeLayout(lab.at('image'), { layers: [smallSystem], config: {} })
      const file = part === 'layer' ? layer : lab.at('image/index.json')
      await rm(file)
      execFileSync('mkfifo', [file])
      await expect(lab.add(['image'])).rejects.toThrow('is not a regular file')
    },
  )

  test('an image for another processor is refused', async () => {
    await using lab = await room({})
    await writeLayout(lab.at('image'), { layers: [smallSystem], config: {}, architecture: 'arm64' })
    await expect(lab.add(['image'])).rejects.toThrow('made for arm64')
  })

  test('a folder that is none is refused with the way to pack it', async () => {
    await using lab = await room({ 'rootfs/bin/sh': 'shell' })
    await expect(lab.add(['rootfs'])).rejects.toMatchObject({ code: 'USAGE', hint: expect.stringContaining('tar -C') })
  })
})

describe('what is refused, with nothing left behind', () => {
  test.each<[string, Record<string, string | Uint8Array>, string[], Partial<AddOptions>, RegExp]>([
    ['a file that is not there', {}, ['nothing.iso'], {}, /nothing\.iso does not exist/],
    ['an empty file', { e: '' }, ['e'], {}, /is empty/],
    ['text', { t: 'hello, this is a text' }, ['t'], {}, /nothing that boots/],
    ['an initrd alone', { i: '070701' }, ['i'], {}, /needs its kernel/],
    ['two images', { a: 'QFI\xfb', b: '#!' }, ['a', 'b'], {}, /None of these is a Linux kernel/],
    ['a method that does not fit', { k: kernel() }, ['k'], { method: 'bin' }, /cannot be started by the method bin/],
    ['a quotation mark that is never closed', { s: '#!/bin/sh' }, ['s'], { cmdline: '"a b' }, /is never closed/],
    ['a name with a slash', { k: kernel() }, ['k'], { name: '../x' }, /cannot be the name of a system/],
    [
      'a name that is taken',
      { k: kernel(), ...linuxIn('lab', 'debian') },
      ['k'],
      { name: 'debian' },
      /a system debian already/,
    ],
  ])('%s', async (_, files, sources, options, message) => {
    await using lab = await room(files)
    const before = await readdir(lab.at('lab'), { recursive: true })
    await expect(lab.add(sources, options)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      hint: expect.any(String),
    })
    expect(await readdir(lab.at('lab'), { recursive: true })).toEqual(before)
  })

  test.skipIf(process.platform === 'win32')('a FIFO, instead of waiting for a writer', async () => {
    await using lab = await room({ k: kernel() })
    execFileSync('mkfifo', [lab.at('fifo')])
    await expect(lab.add(['fifo'])).rejects.toThrow('is not a regular file')
    await expect(lab.add(['k'], { initrds: [lab.at('fifo')] })).rejects.toThrow('is not a regular file')
  })

  test('an environment whose oss is a file, which stays', async () => {
    await using lab = await room({ k: kernel(), 'lab/oss': 'a file' })
    await expect(lab.add(['k'])).rejects.toMatchObject({
      code: 'FILE',
      message: expect.stringContaining(`${lab.at('lab/oss')} cannot be written`),
    })
    expect(await readFile(lab.at('lab/oss'), 'utf8')).toBe('a file')
  })

  test('a folder that is no environment', async () => {
    await using folder = await temporaryEnvironment({ k: kernel() })
    const options = { environment: folder.directory, sources: [path.join(folder.directory, 'k')] }
    await expect(addSystem(options)).rejects.toMatchObject({
      code: 'CONFIGURATION',
      hint: expect.stringContaining('init'),
    })
  })

  test('interrupted in the middle of the writing', async () => {
    await using lab = await room({
      'rootfs.tar': await tarOf([...smallSystem, { name: 'boot/vmlinuz-6', content: 'k' }]),
    })
    const stopping = new AbortController()
    const adding = lab.add(['rootfs.tar'], {
      signal: stopping.signal,
      onProgress: () => stopping.abort(new Error('enough')),
    })
    await expect(adding).rejects.toThrow('enough')
    expect(await readdir(lab.at('lab/oss'))).toEqual([])
  })
})

describe('the command', () => {
  test('says what was decided, what is still wrong with the environment, and the next step', async () => {
    await using folder = await temporaryEnvironment({ ...empty, ...linux('debian'), k: kernel() })
    const io = fakeIo({ cwd: folder.directory })
    expect(await run(['add', 'k', '--title', 'My kernel'], io)).toBe(0)
    expect(io.output()).toContain('Added My kernel as oss/k (kexec')
    expect(io.output()).toContain('is a Linux kernel: it is started by kexec without an initrd.')
    expect(io.output()).toContain('"boot.default" is missing')
    expect(io.output()).toContain('Next: sudo boottorrent start')
  })

  test("a title that the menu has already gets the folder's name behind it", async () => {
    await using folder = await temporaryEnvironment({ ...empty, ...linux('debian'), k: kernel() })
    const io = fakeIo({ cwd: folder.directory })
    expect(await run(['add', 'k', '--title', 'DEBIAN', '--json'], io)).toBe(0)
    expect(JSON.parse(io.output())).toMatchObject({ name: 'k', displayName: 'DEBIAN (k)', method: 'kexec' })
  })

  test('an unknown method is refused with those that there are', async () => {
    const io = fakeIo()
    expect(await run(['add', 'x', '--method', 'magic'], io)).toBe(2)
    expect(io.errors()).toContain('kexec, bin-qemu-x86_64, bin')
  })
})

function bootSector(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  bytes.writeUInt16BE(0x55aa, 510)
  return bytes
}

function linuxIn(folder: string, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(linux(name)).map(([file, text]) => [`${folder}/${file}`, text]))
}

interface LayoutOptions {
  readonly layers: readonly (readonly TarItem[])[]
  readonly config: object
  readonly architecture?: string
}

/** Writes an OCI image layout as its specification has it; answers the files of its layers. */
async function writeLayout(
  folder: string,
  { layers, config, architecture = 'amd64' }: LayoutOptions,
): Promise<string[]> {
  const blobs = path.join(folder, 'blobs/sha256')
  await mkdir(blobs, { recursive: true })
  const write = async (bytes: Uint8Array) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    await writeFile(path.join(blobs, sha256), bytes)
    return { digest: `sha256:${sha256}`, size: bytes.length }
  }
  const json = (value: object) => write(Buffer.from(JSON.stringify(value)))
  const written = await Promise.all(layers.map(async (items) => write(gzipSync(await tarOf(items)))))
  const manifest = await json({
    config: await json({ architecture, os: 'linux', config }),
    layers: written,
  })
  const annotations = { 'org.opencontainers.image.ref.name': 'lab/serve:1' }
  await writeFile(path.join(folder, 'index.json'), JSON.stringify({ manifests: [{ ...manifest, annotations }] }))
  await writeFile(path.join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  return written.map(({ digest }) => path.join(blobs, digest.slice('sha256:'.length)))
}
