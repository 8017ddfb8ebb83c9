/** A virtual PC, in QEMU's words. */
import { open, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Firmware, firmwareArguments, mainboard } from './firmware.ts'

/** QEMU's names of network cards. It has no boot ROM for the one on USB. */
export type NetworkCard =
  | 'virtio-net-pci'
  | 'e1000'
  | 'e1000e'
  | 'rtl8139'
  | 'vmxnet3'
  | 'pcnet'
  | 'ne2k_pci'
  | 'i82551'
  | 'usb-net'

export interface MachineOptions {
  readonly firmware: Firmware
  /** As `52:54:00:12:34:56`. */
  readonly mac: string
  /** In MiB. */
  readonly memory?: number
  /** QEMU's name of the network card. */
  readonly network?: NetworkCard
  /**
   * Whether the card has the boot ROM of QEMU, which is iPXE for BIOS and for UEFI. Without one, UEFI boots with its own
   * network stack (edk2), and BIOS cannot boot from the network. Default: BIOS with, UEFI without.
   */
  readonly rom?: boolean
  /** Whether the card's cable is plugged in when the machine is switched on. Default: yes. */
  readonly cable?: boolean
  /** One more card, in a slot before the other, whose cable is never plugged in. */
  readonly unused?: { readonly network: NetworkCard; readonly mac: string }
  /** QEMU's name of the graphics card. Default: a VGA. */
  readonly vga?: 'std' | 'virtio' | 'cirrus' | 'none'
  /** QEMU's name of the processor. */
  readonly cpu?: string
  /** A file that gets every packet of the machine, for tcpdump and Wireshark. */
  readonly capture?: string
  /** Boots this kernel without any network boot, to look at a kernel or an initrd by itself. */
  readonly direct?: { readonly kernel: string; readonly initrd: string; readonly cmdline: string }
}

/** The disk is there, so that firmware could boot from it, and holds nothing. */
const diskBytes = 256 * 1024 * 1024

/**
 * What the machine is made of.
 *
 * @param folder for its disk and its firmware's variables
 * @param tap the device that its network card is plugged into
 */
export async function hardware(options: MachineOptions, folder: string, tap: string): Promise<string[]> {
  const { firmware, mac, memory = 768, network = 'virtio-net-pci', vga = 'std', capture, direct } = options
  const rom = options.rom ?? firmware === 'bios'
  const disk = join(folder, 'disk')
  const file = await open(disk, 'w')
  await file.truncate(diskBytes)
  await file.close()
  const words = [
    ...['-name', mac, '-uuid', uuidOf(mac), '-no-user-config', '-nodefaults', '-display', 'none', '-vga', vga],
    // A reset would start everything again and hide what failed: the machine ends instead.
    ...['-no-reboot', '-S'],
    ...['-machine', mainboard(firmware), '-m', String(memory)],
    ...accelerator(options.cpu),
    ...(await firmwareArguments(firmware, folder)),
    ...['-drive', `id=disk,if=none,format=raw,file=${disk}`, '-device', 'ide-hd,drive=disk,bootindex=3'],
    // Without vnet_hdr each captured packet starts with its Ethernet header, as Wireshark expects.
    ...['-netdev', `tap,id=lan,ifname=${tap},script=no,downscript=no,vnet_hdr=off`],
    ...(options.unused ? ['-device', card('unused', options.unused.network, options.unused.mac, 2, false)] : []),
    ...(network === 'usb-net' ? ['-device', 'qemu-xhci'] : []),
    ...['-device', `${card('card', network, mac, 1, rom)},netdev=lan`],
  ]
  if (firmware === 'bios') words.push(...(await serialBios(folder)))
  if (capture) words.push('-object', `filter-dump,id=capture,netdev=lan,file=${resolve(capture)}`)
  if (direct) words.push('-kernel', direct.kernel, '-initrd', direct.initrd, '-append', direct.cmdline)
  return words
}

/** A network card. `rom` is whether it has its boot ROM. */
function card(id: string, network: NetworkCard, mac: string, bootIndex: number, rom: boolean): string {
  const withoutRom = rom || network === 'usb-net' ? '' : ',romfile='
  return `${network},id=${id},mac=${mac},bootindex=${bootIndex}${withoutRom}`
}

/** Every real machine has a UUID of its own, which firmware sends along when it asks for an address. */
function uuidOf(mac: string): string {
  return `b0070000-0000-4000-8000-${mac.replaceAll(':', '')}`
}

function accelerator(cpu: string | undefined): string[] {
  const accel = process.env.BOOTTORRENT_ACCEL || 'tcg'
  const model = cpu ?? (accel === 'tcg' ? undefined : 'host')
  return ['-accel', accel, ...(model ? ['-cpu', model] : [])]
}

/** SeaBIOS copies the screen, and with it the text of the boot ROM, to the serial port at this I/O address. */
async function serialBios(folder: string): Promise<string[]> {
  const file = join(folder, 'sercon-port')
  await writeFile(file, new Uint8Array([0xf8, 0x03]))
  return ['-fw_cfg', `name=etc/sercon-port,file=${file}`]
}
