/**
 * The iPXE script that most machines end up in: it picks the kernel that suits processor and memory and fetches it with the
 * initrd segments, over HTTP first, over TFTP when that fails.
 *
 * Addresses are absolute: beside another DHCP server, iPXE's `${next-server}` is that other server.
 */
import type { KernelFlavour } from '../client/contract.ts'
import { otherDriversFolder } from './other-drivers.ts'

export interface BootScriptOptions {
  /** IPv4 address of this host as machines see it. */
  readonly host: string
  readonly httpPort: number
  /** Words added to the end of the kernel's command line. */
  readonly cmdline: string
  /** File names in the boot-file table, by kernel flavour: the kernel, and the segments that go with it. */
  readonly kernels: { readonly [flavour in KernelFlavour]: BootFileNames }
  /** Segments that are loaded with every kernel. */
  readonly shared: readonly string[]
  /** What a machine under Secure Boot loads besides. */
  readonly secureBoot: string
}

export interface BootFileNames {
  readonly kernel: string
  readonly segments: readonly string[]
}

/** The words that every kernel gets from every loader. */
export function commonWords({ host, httpPort, cmdline }: BootScriptOptions): readonly string[] {
  return [`boottorrent.server=http://${host}:${httpPort}`, cmdline]
}

/** The script an iPXE runs that already has an address: it was told to fetch this by DHCP. */
export function bootScript(options: BootScriptOptions): string {
  return `#!ipxe\n${body(options)}`
}

/**
 * The script that an iPXE of ours looks for by itself (`autoexec.ipxe`, beside its boot file). It gets the address for
 * IPv4 alone: a full `dhcp` waits many seconds for an IPv6 router.
 */
export function autoexecScript(options: BootScriptOptions): string {
  return `#!ipxe
:address
ifconf -c dhcp || goto no_address
${body(options)}
:no_address
echo boottorrent: no answer to DHCP, trying again in 5 seconds
sleep 5
goto address
`
}

/**
 * A 32-bit processor needs the PAE kernel when it has more memory than this, in units of 256 MB: the rest of the first 4 GB
 * belongs to devices.
 */
const ENOUGH_FOR_686 = 13

/**
 * AMD PCnet, which virtual machines of VirtualBox and QEMU have, as iPXE's `busid` says it. iPXE's driver receives nothing any
 * more once packets came faster than it took them, as TCP sends them; TFTP waits for each.
 */
const PCNET = '01-10-22-20-00'

/** Memory devices of SMBIOS that are looked at. */
const MEMORY_SLOTS = 8

function body(options: BootScriptOptions): string {
  const http = `http://${options.host}:${options.httpPort}`
  const tftp = `tftp://${options.host}`
  // Under EFI the kernel is told by name where its initrd is; the magic name is all segments together. BIOS ignores it.
  // biome-ignore lint/suspicious/noTemplateCurlyInString: iPXE replaces it by the address of the card that booted
  const cmdline = ['initrd=initrd.magic', 'BOOTIF=01-${netX/mac:hexhyp}', ...commonWords(options)]
  const smallAmounts = Array.from({ length: ENOUGH_FOR_686 + 1 }, (_, amount) => `iseq \${ram} ${amount}`)

  return `echo boottorrent: loading from ${http}
:start
set base ${http}
iseq \${netX/busid:hexhyp} ${PCNET} && set base ${tftp} ||
:choose
cpuid --ext 29 && goto amd64 ||
cpuid 6 || goto 686
${countMemory()}
${smallAmounts.join(' || ')} || goto 686-pae
goto 686

${(Object.keys(options.kernels) as KernelFlavour[]).map((flavour) => load(flavour, options, cmdline)).join('\n')}
:failed
imgfree
iseq \${base} ${http} && goto by_tftp ||
echo boottorrent: could not load from ${options.host} by HTTP or TFTP. Is "boottorrent start" running there?
prompt --key s --timeout 5000 boottorrent: trying again in 5 seconds, s for a shell && shell ||
goto start

:by_tftp
echo boottorrent: HTTP failed, trying TFTP
set base ${tftp}
goto choose
`
}

/**
 * Sets `ram` to the memory in units of 256 MB. SMBIOS type 17 has the size of each memory device in MB as a 16-bit word at
 * 0x0C; its high byte is that size in our unit. Without SMBIOS it stays 0.
 */
function countMemory(): string {
  return `set slot:int32 0
set ram:int32 0
:slot
isset \${smbios/\${slot}.17.13.1} || goto counted
inc ram \${smbios/\${slot}.17.13.1:uint8} || goto counted
inc slot
iseq \${slot} ${MEMORY_SLOTS} || goto slot
:counted`
}

/** A card with a rare driver gets it by its bus id: the server has a file of that name for every card it knows. */
function load(flavour: KernelFlavour, { kernels, shared }: BootScriptOptions, cmdline: readonly string[]): string {
  const { kernel, segments } = kernels[flavour]
  return `:${flavour}
kernel \${base}/${kernel} ${cmdline.join(' ')} || goto failed
${[...shared, ...segments].map((name) => `initrd \${base}/${name} || goto failed`).join('\n')}
initrd \${base}/${otherDriversFolder(flavour)}/\${netX/busid:hexhyp} ||
boot || goto failed
`
}
