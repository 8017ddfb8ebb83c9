/**
 * Which machines load the drivers of rare network cards, before they have any network of their own.
 *
 * iPXE knows the PCI id of the card that it boots from and asks for a file of that name. For a rare card that is the segment
 * with its driver; for a common one it is four zeros, which the kernel skips between segments. A card that no driver
 * knows, or that is not on PCI, gets "not found", and the boot goes on.
 */
import type { KernelFlavour, OtherDrivers } from '../client/contract.ts'
import type { BootFile } from './boot-files.ts'

const nothing = new Uint8Array(4)

export function otherDriversFolder(flavour: KernelFlavour): string {
  return `other-drivers/${flavour}`
}

/** The files for all cards of one kernel. `segment` is the file with the drivers of the rare ones. */
export function otherDriverFiles(flavour: KernelFlavour, drivers: OtherDrivers, segment: BootFile): BootFile[] {
  const nameOf = (card: string) => `${otherDriversFolder(flavour)}/${busId(card)}`
  return [
    ...words(drivers.commonCards).map((card) => ({ name: nameOf(card), size: nothing.length, bytes: nothing })),
    ...words(drivers.cards).map((card) => ({ ...segment, name: nameOf(card) })),
  ]
}

/** iPXE's `busid` (DHCP option 175.177): 1 for PCI, vendor, device, as bytes with hyphens between. */
function busId(card: string): string {
  const digits = card.replace(':', '')
  return ['01', ...(digits.match(/../g) ?? [])].join('-')
}

function words(text: string): string[] {
  return text === '' ? [] : text.split(' ')
}
