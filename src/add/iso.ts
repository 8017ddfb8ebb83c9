/** An ISO image: its kernel by kexec where that is enough, else the whole disc in a virtual machine. */
import path from 'node:path'
import { BoottorrentError } from '../errors.ts'
import { planDrive } from './disk.ts'
import { familyOf } from './families.ts'
import type { AddOptions } from './index.ts'
import type { IsoEntry } from './iso9660/directory.ts'
import { IsoVolume } from './iso9660/volume.ts'
import { bootables } from './menus/in-image.ts'
import { namesApart } from './naming.ts'
import type { Plan, PlannedFile } from './plan.ts'
import type { Recognised } from './recognise.ts'
import { wordsOf } from './words.ts'

/**
 * @param initrds more initrds, behind the image's own
 * @throws BoottorrentError FORMAT when the image is damaged, USAGE when kexec is wanted and the image has no kernel
 */
export async function planIso(image: Recognised, initrds: readonly Recognised[], options: AddOptions): Promise<Plan> {
  await using iso = await IsoVolume.open(image.path)
  const name = path.basename(image.path)
  const title = titleOf(iso.label)
  const [best] = await bootables(iso)
  if (best === undefined) {
    const reason = `No boot menu of ${name} names a Linux kernel that is on it`
    if (options.method === 'kexec') {
      throw new BoottorrentError('USAGE', `${reason}.`, { hint: 'Leave --method out: it is started under QEMU then.' })
    }
    return withReason({ ...planDrive(image, 'iso', wordsOf(options.cmdline)), title }, `${reason}.`)
  }
  const used = [best.kernelFile, ...best.initrdFiles].reduce((sum, { size }) => sum + size, 0)
  const family = await familyOf(iso, image.size - used)
  if (family.needs !== undefined && options.method !== 'kexec') {
    const reason = `${name} is a ${family.name}: its kernel would look for ${family.needs} on a disc, which is not there after kexec; --method kexec tries it all the same.`
    return withReason({ ...planDrive(image, 'iso', wordsOf(options.cmdline)), title }, reason)
  }
  const warning =
    family.needs === undefined
      ? []
      : [`It is a ${family.name} and looks for ${family.needs} on a disc: it may stop there.`]
  const found = [best.kernelFile, ...best.initrdFiles]
  const names = namesApart([
    ...found.map((entry) => entry.name),
    ...initrds.map(({ path: file }) => path.basename(file)),
  ])
  const [kernel, ...rest] = names as [string, ...string[]]
  return {
    title,
    start: { method: 'kexec', kernel, initrds: rest, cmdline: options.cmdline ?? best.cmdline },
    files: [
      ...found.map((entry, index) => fileOf(image.path, entry, names[index] as string)),
      ...initrds.map(({ path: file, size }, index) => ({
        name: names[found.length + index] as string,
        size,
        path: file,
      })),
    ],
    decisions: [`${name} offers "${best.title.trim()}" in its boot menu: that kernel is started by kexec.`, ...warning],
  }
}

function withReason(plan: Plan, reason: string): Plan {
  return { ...plan, decisions: [reason, ...plan.decisions] }
}

/** What tools write when nobody says what the image is called. */
const NOTHING_SAID = /^(|cdrom|iso ?image|new|untitled|no label|iso9660)$/i

/** `DEBIAN_12_5` is shown as `DEBIAN 12 5`. */
function titleOf(label: string): string | undefined {
  const readable = label.replace(/[\p{C}_]+/gu, ' ').trim()
  return NOTHING_SAID.test(readable) ? undefined : readable
}

function fileOf(image: string, entry: IsoEntry, name: string): PlannedFile {
  return { name, size: entry.size, bytes: (read) => readFrom(image, entry, read) }
}

async function* readFrom(image: string, entry: IsoEntry, read: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  await using iso = await IsoVolume.open(image)
  for await (const piece of iso.read(entry)) {
    yield piece
    read(piece.length)
  }
}
