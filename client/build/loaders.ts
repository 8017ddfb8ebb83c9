/** The boot loaders, as Debian has built and signed them. */

import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClientManifest } from '../contract.ts'
import type { LoaderPackage } from './packages.ts'
import { binaryPiece, type Piece, type Workshop } from './pieces.ts'

/** For each package: the names of our files, and where they are in it. */
const FILES: { readonly [name in LoaderPackage]?: Readonly<Record<string, string>> } = {
  // For BIOS with drivers of its own, for UEFI x64 with the firmware's.
  ipxe: { 'ipxe.pxe': 'usr/lib/ipxe/ipxe.pxe', 'snponly.efi': 'usr/lib/ipxe/snponly.efi' },
  // There is no iPXE for 32-bit UEFI. This image holds all that a boot from the network needs.
  'grub-efi-ia32-unsigned': { 'grubia32.efi': 'usr/lib/grub/i386-efi/monolithic/grubnetia32.efi' },
  // The shim looks for a file of exactly this name beside its own.
  'grub-efi-amd64-signed': { 'grubx64.efi': 'usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed' },
  'shim-signed': { 'shimx64.efi': 'usr/lib/shim/shimx64.efi.signed' },
  // The PXELINUX that knows HTTP, and its modules, which it looks for beside itself.
  pxelinux: { 'lpxelinux.0': 'usr/lib/PXELINUX/lpxelinux.0' },
  'syslinux-common': {
    'ldlinux.c32': 'usr/lib/syslinux/modules/bios/ldlinux.c32',
    'libcom32.c32': 'usr/lib/syslinux/modules/bios/libcom32.c32',
    'ifcpu64.c32': 'usr/lib/syslinux/modules/bios/ifcpu64.c32',
  },
}

export const LOADER_NAMES: ClientManifest['loaders'] = {
  bios: 'ipxe.pxe',
  'uefi-x64': 'snponly.efi',
  'uefi-ia32': 'grubia32.efi',
  'uefi-x64-secure': 'shimx64.efi',
  'bios-pxelinux': 'lpxelinux.0',
}

/** Takes the boot loaders out of their packages. */
export async function buildLoaders(
  shop: Workshop,
): Promise<{ readonly pieces: readonly Piece[]; readonly files: readonly [name: string, from: string][] }> {
  const pieces: Piece[] = []
  const files: [string, string][] = []
  for (const [name, wanted] of Object.entries(FILES) as [LoaderPackage, Record<string, string>][]) {
    const piece = await loaderPiece(shop, name, wanted)
    pieces.push(piece)
    for (const file of Object.keys(wanted)) files.push([file, join(piece.folder, file)])
  }
  return { pieces, files }
}

function loaderPiece(shop: Workshop, name: LoaderPackage, wanted: Readonly<Record<string, string>>): Promise<Piece> {
  const { loaders } = shop.resolved
  const take = async (unpacked: string, folder: string) => {
    for (const [file, from] of Object.entries(wanted)) await copyFile(join(unpacked, from), join(folder, file))
  }
  const notes = name === 'grub-efi-ia32-unsigned' ? loaders['grub-common'] : loaders[name]
  return binaryPiece(shop, loaders[name], ['build/loaders.ts'], take, notes)
}
