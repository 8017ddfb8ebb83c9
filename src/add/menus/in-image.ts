/** Finds the boot menus of an image and what they offer that is really there. */
import path from 'node:path'
import type { IsoEntry } from '../iso9660/directory.ts'
import type { IsoVolume } from '../iso9660/volume.ts'
import type { MenuEntry, ReadInclude } from './entry.ts'
import { parseGrub } from './grub.ts'
import { parseIsolinux } from './isolinux.ts'
import { parseLoaderEntry } from './loader-entry.ts'

/** A menu is text that people read. */
const LONGEST_MENU = 1024 * 1024
const MOST_LOADER_ENTRIES = 64

const ISOLINUX = ['isolinux', 'boot/isolinux', 'syslinux', 'boot/syslinux', 'boot/x86_64/loader', '']
const GRUB = [
  'boot/grub/grub.cfg',
  'boot/grub/loopback.cfg',
  'boot/grub2/grub.cfg',
  'EFI/BOOT/grub.cfg',
  'grub/grub.cfg',
]

/** What a menu offers, with the files found. */
export interface Bootable extends MenuEntry {
  readonly kernelFile: IsoEntry
  readonly initrdFiles: readonly IsoEntry[]
}

/** Everything that can be booted, the menus' own choice first. */
export async function bootables(iso: IsoVolume): Promise<Bootable[]> {
  const found: Bootable[] = []
  for (const { base, entries } of await menus(iso)) {
    for (const entry of entries) {
      const bootable = await resolved(iso, base, entry)
      if (bootable !== undefined) found.push(bootable)
    }
  }
  return found.toSorted((one, other) => Number(other.isDefault) - Number(one.isDefault))
}

interface Menu {
  /** Folder that relative paths start from. */
  readonly base: string
  readonly entries: readonly MenuEntry[]
}

async function menus(iso: IsoVolume): Promise<Menu[]> {
  const found: Menu[] = []
  for (const base of ISOLINUX) {
    for (const name of ['isolinux.cfg', 'syslinux.cfg']) {
      const text = await iso.text(`${base}/${name}`, LONGEST_MENU)
      if (text !== undefined) found.push({ base, entries: await parseIsolinux(text, includes(iso, base)) })
    }
  }
  for (const file of GRUB) {
    const text = await iso.text(file, LONGEST_MENU)
    if (text !== undefined)
      found.push({ base: '', entries: await parseGrub(text, includes(iso, path.posix.dirname(file))) })
  }
  const loader = (await iso.list('loader/entries')) ?? []
  for (const { name } of loader.slice(0, MOST_LOADER_ENTRIES)) {
    const text = await iso.text(`loader/entries/${name}`, LONGEST_MENU)
    if (text !== undefined) found.push({ base: '', entries: parseLoaderEntry(text) })
  }
  return found
}

function includes(iso: IsoVolume, base: string): ReadInclude {
  return (file) => iso.text(file.startsWith('/') ? file : `${base}/${file}`, LONGEST_MENU)
}

async function resolved(iso: IsoVolume, base: string, entry: MenuEntry): Promise<Bootable | undefined> {
  const find = (file: string) => iso.find(file.startsWith('/') ? file : `${base}/${file}`)
  const kernelFile = await find(entry.kernel)
  if (kernelFile?.type !== 'file' || !(await isLinuxKernel(iso, kernelFile))) return undefined
  const initrdFiles = await Promise.all(entry.initrds.map(find))
  const isWhole = initrdFiles.every((file) => file?.type === 'file')
  return isWhole ? { ...entry, kernelFile, initrdFiles: initrdFiles as IsoEntry[] } : undefined
}

/** Menus also offer memory tests and the like, which only their own loader can start. */
async function isLinuxKernel(iso: IsoVolume, file: IsoEntry): Promise<boolean> {
  const { value } = await iso.read(file).next()
  return value !== undefined && Buffer.from(value).toString('latin1', 0x202, 0x206) === 'HdrS'
}
