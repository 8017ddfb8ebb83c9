import { LONGEST_COMMAND_LINE } from '../../client/contract.ts'
import { listOf, type MappingOptions, mapping, type Settings, type ValuesOf } from './schema.ts'
import { argumentWords, line, words } from './types.ts'

const file = line('the name of a file in this folder', 4096)

/** What config.yaml of one system may say. */
export const osSettings = {
  dispname: {
    type: line('the name that the menu shows', 200),
    meaning: 'Name in the menu. No two systems may have the same.',
    required: true,
  },
  method: {
    type: line('a method: kexec, bin-qemu-x86_64 or bin', 64),
    meaning:
      'How the system is started: `kexec` (a Linux kernel takes over the machine), `bin-qemu-x86_64` (a virtual machine on it), `bin` (a program in Phase-1), or the older `qemu-iso`.',
    required: true,
  },
  kernel: { type: file, meaning: 'For `kexec`: the kernel, a file in this folder.' },
  initrd: {
    type: listOf(file, { expected: 'a file of this folder, or a list of them' }),
    meaning: 'For `kexec`: the initrd, or a list of files that make it up in this order. A system may have none.',
    default: 'none',
  },
  cmdline: {
    type: words('words for the kernel command line', LONGEST_COMMAND_LINE),
    meaning:
      'For `kexec`: the kernel command line. The machine puts its own in the place of `{{mac}}`, `{{ip}}`, `{{hostname}}`, `{{server}}` and `{{uuid}}`.',
    default: 'empty',
  },
  args: {
    type: argumentWords('words for QEMU, like "-cdrom disc.iso"'),
    meaning:
      'For `bin-qemu-x86_64`: arguments for QEMU 7.2, which runs in this folder: `-cdrom disc.iso`, `-fda`, `-hda` and everything else it knows. What they leave open is chosen on the machine: memory (`-m`), KVM or software (`-accel`, `-cpu`, `-smp`), the whole screen (`-display`). A machine on which no screen works shows the text of its guest where it was chosen; with `-vnc :0` a guest is shown to VNC viewers instead, at the address of the machine, to anybody in its network. What the guest writes goes to memory and is gone when it ends (`-snapshot`).',
  },
  isofile: { type: file, meaning: 'For `qemu-iso`: the image, the same as `args: -cdrom <isofile>`.' },
  bin: {
    type: file,
    meaning:
      'For `bin`: the program, a file in this folder: a static one, best for i386, or a script for `/bin/sh` (busybox). A program that is linked against glibc runs on machines whose kernel has its width, 32 or 64 bit: they fetch glibc with the libraries of QEMU, about 30 MB; what is not among these has to lie beside the program.',
  },
  binargs: {
    type: argumentWords('arguments for the program'),
    meaning: 'For `bin`: arguments for the program.',
    default: 'none',
  },
} satisfies Settings

export type OsValues = ValuesOf<typeof osSettings>

/** The keys that each method reads beside dispname and method. */
export const keysOfMethod = {
  kexec: ['kernel', 'initrd', 'cmdline'],
  'bin-qemu-x86_64': ['args'],
  'qemu-iso': ['isofile'],
  bin: ['bin', 'binargs'],
} as const satisfies Record<string, readonly (keyof OsValues)[]>

export type Method = keyof typeof keysOfMethod

export function osConfig(duplicates: MappingOptions['duplicates']) {
  return mapping(osSettings, { name: 'config.yaml', duplicates })
}
