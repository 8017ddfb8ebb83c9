/** Disk, floppy and CD images: they start in a virtual machine. */
import path from 'node:path'
import type { Plan } from './plan.ts'
import type { Recognised } from './recognise.ts'

const DRIVES = { disk: '-hda', floppy: '-fda', iso: '-cdrom' } as const

/** @param args more words for QEMU */
export function planDrive(image: Recognised, drive: keyof typeof DRIVES, args: readonly string[]): Plan {
  const name = path.basename(image.path)
  return {
    title: undefined,
    start: { method: 'bin-qemu-x86_64', args: [...driveWords(image, drive, name), ...args] },
    files: [{ name, size: image.size, path: image.path }],
    decisions: [
      `${name} is a ${TITLES[drive]}: it is started in a virtual machine (QEMU) on the machine.`,
      ...(drive === 'disk' ? ['What the system writes to its disk is gone when the machine is switched off.'] : []),
    ],
  }
}

const TITLES = { disk: 'disk image', floppy: 'floppy image', iso: 'CD image' } as const

/** QEMU refuses to guess that an image is raw, and warns: then it is told. */
function driveWords(image: Recognised, drive: keyof typeof DRIVES, name: string): string[] {
  if (drive === 'disk' && image.diskFormat === 'raw') return ['-drive', `file=${name.replaceAll(',', ',,')},format=raw`]
  return [DRIVES[drive], name]
}
