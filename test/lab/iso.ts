/** ISO images as xorriso makes them, in the layouts of the distributions. */
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Contents by path. `kernel` and `initrd` stand for the real ones. */
export type IsoFiles = Readonly<Record<string, string>>

export interface IsoOptions {
  readonly label: string
  readonly files: IsoFiles
  /** Path of a kernel, and the bytes of an initrd. */
  readonly parts: { readonly kernel: string; readonly initrd: Uint8Array }
  /** More words for mkisofs. Left out: Rock Ridge and Joliet. */
  readonly words?: readonly string[] | undefined
}

export async function writeIso(
  image: string,
  { label, files, parts, words = ['-R', '-J'] }: IsoOptions,
): Promise<void> {
  const root = await mkdtemp(path.join(tmpdir(), 'boottorrent-iso-root-'))
  try {
    for (const [file, content] of Object.entries(files)) {
      const target = path.join(root, file)
      await mkdir(path.dirname(target), { recursive: true })
      if (content === 'kernel') await copyFile(parts.kernel, target)
      else await writeFile(target, content === 'initrd' ? parts.initrd : content)
    }
    await run('xorriso', ['-as', 'mkisofs', '-quiet', '-V', label, ...words, '-o', image, root])
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

export interface IsoFamily {
  /** A name for files and systems. */
  readonly name: string
  /** A word of the reason why it starts from its disc. */
  readonly sign: string
  /** The command line of its menu's first entry. */
  readonly cmdline: string
  /** What lies on its disc, with this command line in its menu. */
  files(cmdline: string): IsoFiles
}

const SQUASHFS = 'stands for a file system'

export const isoFamilies: readonly IsoFamily[] = [
  {
    name: 'ubuntu',
    sign: 'casper',
    cmdline: '--- quiet splash',
    files: (cmdline) => ({
      'casper/vmlinuz': 'kernel',
      'casper/initrd': 'initrd',
      'casper/filesystem.squashfs': SQUASHFS,
      'boot/grub/grub.cfg': `menuentry "Try or Install Ubuntu" {
\tset gfxpayload=keep
\tlinux\t/casper/vmlinuz  ${cmdline}
\tinitrd\t/casper/initrd
}
`,
    }),
  },
  {
    name: 'debian-live',
    sign: 'live-boot',
    cmdline: 'boot=live components',
    files: (cmdline) => ({
      'live/vmlinuz': 'kernel',
      'live/initrd.img': 'initrd',
      'live/filesystem.squashfs': SQUASHFS,
      'isolinux/isolinux.cfg': 'include live.cfg\n',
      'isolinux/live.cfg': `label live
\tlinux /live/vmlinuz
\tinitrd /live/initrd.img
\tappend ${cmdline}
`,
    }),
  },
  {
    name: 'fedora',
    sign: 'dracut',
    cmdline: 'root=live:CDLABEL=F rd.live.image',
    files: (cmdline) => ({
      'images/pxeboot/vmlinuz': 'kernel',
      'images/pxeboot/initrd.img': 'initrd',
      'LiveOS/squashfs.img': SQUASHFS,
      'boot/grub2/grub.cfg': `set default="0"
menuentry 'Start Fedora' --class fedora {
\tlinux ($root)/images/pxeboot/vmlinuz ${cmdline}
\tinitrd ($root)/images/pxeboot/initrd.img
}
`,
    }),
  },
  {
    name: 'arch-linux',
    sign: 'archiso',
    cmdline: 'archisobasedir=arch',
    files: (cmdline) => ({
      'arch/boot/x86_64/vmlinuz-linux': 'kernel',
      'arch/boot/x86_64/initramfs-linux.img': 'initrd',
      'arch/x86_64/airootfs.sfs': SQUASHFS,
      'loader/entries/01-archiso.conf': `title Arch Linux
linux /arch/boot/x86_64/vmlinuz-linux
initrd /arch/boot/x86_64/initramfs-linux.img
options ${cmdline}
`,
    }),
  },
  {
    name: 'alpine',
    sign: 'Alpine',
    cmdline: 'modules=loop,squashfs quiet',
    files: (cmdline) => ({
      'boot/vmlinuz-lts': 'kernel',
      'boot/initramfs-lts': 'initrd',
      'boot/modloop-lts': SQUASHFS,
      'apks/.boot_repository': 'x',
      'boot/syslinux/syslinux.cfg': `DEFAULT lts
LABEL lts
MENU LABEL Linux lts
KERNEL /boot/vmlinuz-lts
INITRD /boot/initramfs-lts
APPEND ${cmdline}
`,
    }),
  },
  {
    name: 'systemrescue',
    sign: 'SystemRescue',
    cmdline: 'archisobasedir=sysresccd iomem=relaxed',
    files: (cmdline) => ({
      'sysresccd/boot/x86_64/vmlinuz': 'kernel',
      'sysresccd/boot/x86_64/sysresccd.img': 'initrd',
      'sysresccd/x86_64/airootfs.sfs': SQUASHFS,
      'boot/grub/grub.cfg': `menuentry "Boot SystemRescue" {
 linux /sysresccd/boot/x86_64/vmlinuz ${cmdline}
 initrd /sysresccd/boot/x86_64/sysresccd.img
}
`,
    }),
  },
]
