/**
 * ISO images as xorriso makes them, in the layouts of the distributions, with a real Debian kernel. What they hold beside
 * their boot menu stands for what the distributions have there.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addSystem } from '../../../src/add/index.ts'
import { IsoVolume } from '../../../src/add/iso9660/volume.ts'
import { loadEnvironment } from '../../../src/environment/index.ts'
import { type IsoFiles, isoFamilies, writeIso } from '../../lab/iso.ts'

const INSTALLER = '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64'
const INITRD = '070701 stands for an initrd'
const parts = { kernel: path.join(INSTALLER, 'linux'), initrd: Buffer.from(INITRD) }

const run = promisify(execFile)
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'boottorrent-iso-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function imageOf(name: string, files: IsoFiles, words?: readonly string[]): Promise<string> {
  const image = path.join(folder, `${name}.iso`)
  await writeIso(image, { label: name.toUpperCase(), files, parts, words })
  return image
}

async function added(image: string, method?: 'kexec') {
  const environment = await mkdtemp(path.join(folder, 'lab-'))
  await writeFile(path.join(environment, 'Boottorrent.yaml'), 'version: 1\n')
  const { decisions, name } = await addSystem({ environment, sources: [image], method })
  const { configuration, problems } = await loadEnvironment(environment)
  expect(problems).toEqual([])
  const read = (file: string) => readFile(path.join(environment, 'oss', name, file))
  return { os: configuration?.oss[0], decisions: decisions.join(' '), read }
}

describe('an image that is whole in its initrd starts by kexec', () => {
  test("in the layout of the Debian installer's mini.iso, with every byte of kernel and initrd", async () => {
    const image = await imageOf('mini', {
      linux: 'kernel',
      'initrd.gz': 'initrd',
      'isolinux.cfg': 'path\ninclude menu.cfg\ndefault vesamenu.c32\n',
      'menu.cfg':
        'label install\n\tmenu label ^Install\n\tmenu default\n\tkernel linux\n\tappend vga=788 initrd=initrd.gz --- quiet\n',
    })
    const { os, read } = await added(image)
    expect(os).toMatchObject({
      displayName: 'MINI',
      method: 'kexec',
      kernel: 'linux',
      initrds: ['initrd.gz'],
      cmdline: 'vga=788 --- quiet',
    })
    expect(await read('linux')).toEqual(await readFile(path.join(INSTALLER, 'linux')))
    expect(await read('initrd.gz')).toEqual(Buffer.from(INITRD))
  })

  test('with a GRUB menu alone', async () => {
    const image = await imageOf('grub', {
      'boot/vmlinuz': 'kernel',
      'boot/initrd.img': 'initrd',
      'boot/grub/grub.cfg':
        'set timeout=5\nmenuentry "Rescue" { linux /boot/vmlinuz ro quiet; initrd /boot/initrd.img; }\n',
    })
    expect((await added(image)).os).toMatchObject({ method: 'kexec', cmdline: 'ro quiet', initrds: ['initrd.img'] })
  })

  test.each([
    ['plain ISO 9660, whose names are short and in capitals', ['-iso-level', '1']],
    ['Joliet without Rock Ridge', ['-J', '-iso-level', '1']],
    ['Rock Ridge without Joliet', ['-R']],
  ])('with %s', async (kind, words) => {
    const image = await imageOf(
      `names-${words.length}${words[0]}`,
      { 'isolinux/isolinux.cfg': 'label a\nkernel vmlinuz\n', 'isolinux/vmlinuz': 'kernel' },
      words,
    )
    expect((await added(image)).os, kind).toMatchObject({ method: 'kexec' })
  })
})

describe('a live system that looks for its disc starts from its disc, under QEMU, and says why', () => {
  test.each(isoFamilies)('$name', async ({ name, sign, cmdline, files }) => {
    const image = await imageOf(name, files(cmdline))
    const { os, decisions } = await added(image)
    expect(os).toMatchObject({ method: 'qemu', args: ['-cdrom', path.basename(image)] })
    expect(decisions).toContain(sign)
    expect(decisions).toContain('on a disc')
    const tried = await added(image, 'kexec')
    expect(tried.os).toMatchObject({ method: 'kexec', cmdline })
    expect(tried.decisions).toContain('it may stop there')
  })
})

test("GRUB's rescue CD and floppy, which have no Linux kernel, start under QEMU", async () => {
  expect((await added('/usr/lib/grub-rescue/grub-rescue-cdrom.iso')).os).toMatchObject({
    args: ['-cdrom', 'grub-rescue-cdrom.iso'],
  })
  expect((await added('/usr/lib/grub-rescue/grub-rescue-floppy.img')).os).toMatchObject({
    args: ['-fda', 'grub-rescue-floppy.img'],
  })
})

test('symbolic links, long names and files of several extents are read as xorriso wrote them', async () => {
  const long = 'a name with blanks, äöü and more than sixty-four characters, as people write them.txt'
  const root = path.join(folder, 'odd-root')
  await mkdir(path.join(root, 'deep'), { recursive: true })
  await writeFile(path.join(root, 'deep', long), 'found')
  await run('ln', ['-s', `deep/${long}`, path.join(root, 'link')])
  await run('ln', ['-s', 'circle', path.join(root, 'circle')])
  const image = path.join(folder, 'odd.iso')
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-R', '-o', image, root])
  await using iso = await IsoVolume.open(image)
  expect(await iso.text('link', 100)).toBe('found')
  expect(await iso.text(`deep/${long}`, 100)).toBe('found')
  expect(await iso.find('circle')).toBeUndefined()
})

test('an image that was cut off is refused, and says so', async () => {
  const image = await imageOf('whole', {
    'isolinux/isolinux.cfg': 'label a\nkernel vmlinuz\n',
    'isolinux/vmlinuz': 'kernel',
  })
  const half = path.join(folder, 'half.iso')
  const bytes = await readFile(image)
  await writeFile(half, bytes.subarray(0, Math.floor(bytes.length / 2)))
  await expect(added(half)).rejects.toMatchObject({
    code: 'FORMAT',
    message: expect.stringContaining('damaged or not whole'),
  })
})
