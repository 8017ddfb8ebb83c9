/**
 * ISO images as xorriso makes them, in the layouts of the distributions, with a real Debian kernel. What they hold beside
 * their boot menu stands for what the distributions have there.
 */
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addSystem } from '../../../src/add/index.ts'
import { IsoVolume } from '../../../src/add/iso9660/volume.ts'
import { loadEnvironment } from '../../../src/environment/index.ts'

const INSTALLER = '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64'
const INITRD = '070701 stands for an initrd'

const run = promisify(execFile)
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'boottorrent-iso-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Makes an image of these files; `kernel` as content is the real kernel. */
async function imageOf(
  name: string,
  files: Record<string, string>,
  words: readonly string[] = ['-R', '-J'],
): Promise<string> {
  const root = path.join(folder, `${name}-root`)
  for (const [file, content] of Object.entries(files)) {
    const target = path.join(root, file)
    await mkdir(path.dirname(target), { recursive: true })
    if (content === 'kernel') await copyFile(path.join(INSTALLER, 'linux'), target)
    else await writeFile(target, content)
  }
  const image = path.join(folder, `${name}.iso`)
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-V', name.toUpperCase(), ...words, '-o', image, root])
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
      'initrd.gz': INITRD,
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
      'boot/initrd.img': INITRD,
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

const SQUASHFS = 'stands for a file system'
const families: [string, string, Record<string, string>, string][] = [
  [
    'Ubuntu',
    'casper',
    {
      'casper/vmlinuz': 'kernel',
      'casper/initrd': INITRD,
      'casper/filesystem.squashfs': SQUASHFS,
      'boot/grub/grub.cfg':
        'menuentry "Try or Install Ubuntu" {\n\tset gfxpayload=keep\n\tlinux\t/casper/vmlinuz  --- quiet splash\n\tinitrd\t/casper/initrd\n}\n',
    },
    '--- quiet splash',
  ],
  [
    'Debian live',
    'live-boot',
    {
      'live/vmlinuz': 'kernel',
      'live/initrd.img': INITRD,
      'live/filesystem.squashfs': SQUASHFS,
      'isolinux/isolinux.cfg': 'include live.cfg\n',
      'isolinux/live.cfg':
        'label live\n\tlinux /live/vmlinuz\n\tinitrd /live/initrd.img\n\tappend boot=live components\n',
    },
    'boot=live components',
  ],
  [
    'Fedora',
    'dracut',
    {
      'images/pxeboot/vmlinuz': 'kernel',
      'images/pxeboot/initrd.img': INITRD,
      'LiveOS/squashfs.img': SQUASHFS,
      'boot/grub2/grub.cfg':
        'set default="0"\nmenuentry \'Start Fedora\' --class fedora {\n\tlinux ($root)/images/pxeboot/vmlinuz root=live:CDLABEL=F rd.live.image\n\tinitrd ($root)/images/pxeboot/initrd.img\n}\n',
    },
    'root=live:CDLABEL=F rd.live.image',
  ],
  [
    'Arch Linux',
    'archiso',
    {
      'arch/boot/x86_64/vmlinuz-linux': 'kernel',
      'arch/boot/x86_64/initramfs-linux.img': INITRD,
      'arch/x86_64/airootfs.sfs': SQUASHFS,
      'loader/entries/01-archiso.conf':
        'title Arch Linux\nlinux /arch/boot/x86_64/vmlinuz-linux\ninitrd /arch/boot/x86_64/initramfs-linux.img\noptions archisobasedir=arch\n',
    },
    'archisobasedir=arch',
  ],
  [
    'Alpine Linux',
    'Alpine',
    {
      'boot/vmlinuz-lts': 'kernel',
      'boot/initramfs-lts': INITRD,
      'boot/modloop-lts': SQUASHFS,
      'apks/.boot_repository': 'x',
      'boot/syslinux/syslinux.cfg':
        'DEFAULT lts\nLABEL lts\nMENU LABEL Linux lts\nKERNEL /boot/vmlinuz-lts\nINITRD /boot/initramfs-lts\nAPPEND modules=loop,squashfs quiet\n',
    },
    'modules=loop,squashfs quiet',
  ],
  [
    'SystemRescue',
    'SystemRescue',
    {
      'sysresccd/boot/x86_64/vmlinuz': 'kernel',
      'sysresccd/boot/x86_64/sysresccd.img': INITRD,
      'sysresccd/x86_64/airootfs.sfs': SQUASHFS,
      'boot/grub/grub.cfg':
        'menuentry "Boot SystemRescue" {\n linux /sysresccd/boot/x86_64/vmlinuz archisobasedir=sysresccd iomem=relaxed\n initrd /sysresccd/boot/x86_64/sysresccd.img\n}\n',
    },
    'archisobasedir=sysresccd iomem=relaxed',
  ],
]

describe('a live system that looks for its disc starts from its disc, under QEMU, and says why', () => {
  test.each(families)('%s', async (name, sign, files, cmdline) => {
    const image = await imageOf(name.toLowerCase().replace(' ', '-'), files)
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
