/** The boot part of an answer: which fields and options tell firmware where its boot file is. */
import { writeAddress } from './address.ts'
import { type PxeClient, readPxeOptions } from './client.ts'
import type { BootAnswer } from './events.ts'
import { encapsulate, Option, textBytes } from './options.ts'
import type { DhcpPacket } from './packet.ts'

/** One thing that some firmware needs. */
interface Quirk {
  readonly name: string
  /** Where it is known from. */
  readonly source: string
  readonly applies: (client: PxeClient, part: AnswerPart) => boolean
}

/** `address`: the answer gives an address too; `proxy`: only the boot file; `boot-server`: asked on port 4011. */
export type AnswerPart = 'address' | 'proxy' | 'boot-server'

export const QUIRKS = {
  /** Option 67 ends with a NUL, counted in its length. */
  terminatedBootFile: {
    name: 'NUL after the boot file name',
    source:
      'edk2, PxeBcParseDhcp4Packet: writes a NUL behind the option, over the code of the next one, when it does not end ' +
      'with one; dnsmasq ends it so for all firmware, see the captures',
    applies: (client) => client.netboot && !client.httpBoot,
  },
  /** Option 43 with PXE_DISCOVERY_CONTROL = 8. */
  bootFileIsHere: {
    name: 'no boot server discovery',
    source:
      'PXE 2.1, PXE_DISCOVERY_CONTROL bit 3: after an answer of class PXEClient, firmware shows a menu or looks for boot ' +
      'servers by multicast unless it is told to take the file of this answer; edk2 and iPXE booted with it',
    applies: (client) => !client.httpBoot,
  },
  /** Option 175.176 = 1. */
  noOtherProxy: {
    name: 'iPXE does not listen to another proxy',
    source:
      'iPXE, DHCP_EB_NO_PXEDHCP (175.176): neither waits for proxy offers nor follows them; as our answer has option 43 ' +
      'it does not wait anyway (measured, no difference), but a stray proxy server could still lead it away',
    applies: (client, part) => client.ipxe && part === 'address',
  },
  /** Option 175.81: a command line. */
  noIpv6Wait: {
    name: 'iPXE loaded by a BIOS does not wait for an IPv6 router',
    source:
      'iPXE, DHCP_EB_SCRIPTLET (175.81), which it runs in place of its own search when it starts; ipxe.pxe takes it from the ' +
      'answer that the firmware had (cached DHCPACK). Measured with 1.21.1+git20250501: the script is asked for 0.2 s after ' +
      'the ACK instead of 3.5 s. EFI builds find autoexec.ipxe instead; an iPXE that asks for itself reads it too late',
    applies: (client, part) => client.firmware === 'bios' && part === 'address',
  },
} as const satisfies Record<string, Quirk>

const PXE_DISCOVERY_CONTROL = 6
const PXE_BOOT_ITEM = 71
const USE_THE_FILE_OF_THIS_ANSWER = 8
const IPXE_NO_PROXY = 176
const IPXE_SCRIPTLET = 81

/** Adds to `reply` what makes `client` boot `boot`. */
export function addBootOptions(
  reply: DhcpPacket,
  request: DhcpPacket,
  client: PxeClient,
  boot: BootAnswer,
  part: AnswerPart,
): void {
  const { options } = reply
  const file = textBytes(boot.file)
  const server = textBytes(boot.server)
  const terminated = QUIRKS.terminatedBootFile.applies(client) ? Uint8Array.of(...file, 0) : file

  reply.siaddr = boot.server
  // Option 67 comes early, so that it is the last to be left out when an answer grows too long.
  options.set(Option.bootFile, terminated)
  options.set(Option.tftpServerName, server)
  if (client.httpBoot) {
    options.set(Option.vendorClass, textBytes('HTTPClient'))
  } else {
    // BOOTP clients and some firmware read only the fixed fields (RFC 951).
    if (file.length < 128) reply.file = file
    reply.sname = server
    if (client.netboot) options.set(Option.vendorClass, textBytes('PXEClient'))
  }
  if (client.netboot && QUIRKS.bootFileIsHere.applies(client)) {
    options.set(Option.vendorSpecific, pxeOptions(request, part))
  }
  const forIpxe = ipxeOptions(client, boot, part)
  if (forIpxe.length > 0) options.set(Option.ipxe, encapsulate(forIpxe))
  // RFC 5071 §4 and §5. PXELINUX takes them from the answer to the firmware, for it asks nothing itself.
  const { configFile, pathPrefix } = boot.pxelinux ?? {}
  if (configFile !== undefined) options.set(Option.pxelinuxConfigFile, textBytes(configFile))
  if (pathPrefix !== undefined) options.set(Option.pxelinuxPathPrefix, textBytes(pathPrefix))
  // RFC 4578 §2.3: the server echoes the machine identifier.
  const machine = request.options.get(Option.machineIdentifier)
  if (machine !== undefined) options.set(Option.machineIdentifier, machine)
  if (request.options.get(Option.parameterList)?.includes(Option.tftpServerAddresses)) {
    const bytes = new Uint8Array(4)
    writeAddress(bytes, 0, boot.server)
    options.set(Option.tftpServerAddresses, bytes)
  }
}

function ipxeOptions(client: PxeClient, { ipxeScript }: BootAnswer, part: AnswerPart): [number, Uint8Array][] {
  const list: [number, Uint8Array][] = []
  if (QUIRKS.noOtherProxy.applies(client, part)) list.push([IPXE_NO_PROXY, Uint8Array.of(1)])
  if (ipxeScript !== undefined && QUIRKS.noIpv6Wait.applies(client, part)) {
    list.push([IPXE_SCRIPTLET, textBytes(`ifconf -c dhcp && chain ${ipxeScript} || autoboot`)])
  }
  return list
}

function pxeOptions(request: DhcpPacket, part: AnswerPart): Uint8Array {
  const list: [number, Uint8Array][] = [[PXE_DISCOVERY_CONTROL, Uint8Array.of(USE_THE_FILE_OF_THIS_ANSWER)]]
  // PXE 2.1, PXE_BOOT_ITEM: a boot server answers with the item that was asked for.
  const item = part === 'boot-server' ? readPxeOptions(request)?.get(PXE_BOOT_ITEM) : undefined
  if (item !== undefined) list.push([PXE_BOOT_ITEM, item])
  return encapsulate(list, { end: true })
}
