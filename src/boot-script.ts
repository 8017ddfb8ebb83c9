/**
 * The iPXE script that every machine ends up in: it picks the kernel that suits the CPU and fetches it with the initrd
 * segments, over HTTP first, over TFTP when that fails.
 *
 * Addresses are absolute: beside another DHCP server, iPXE's `${next-server}` is that other server.
 */
export interface BootScriptOptions {
  /** IPv4 address of this host as machines see it. */
  readonly host: string
  readonly httpPort: number
  /** Words added to the end of the kernel's command line. */
  readonly cmdline: string
  /** File names in the boot-file table, by kernel flavour; `shared` is loaded with either. */
  readonly kernels: { readonly amd64: string; readonly '686': string }
  readonly drivers: { readonly amd64: string; readonly '686': string }
  readonly shared: readonly string[]
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

function body(options: BootScriptOptions): string {
  const http = `http://${options.host}:${options.httpPort}`
  const tftp = `tftp://${options.host}`
  // Under EFI the kernel is told by name where its initrd is; the magic name is all segments together. BIOS ignores it.
  // biome-ignore lint/suspicious/noTemplateCurlyInString: iPXE replaces it by the address of the card that booted
  const cmdline = ['initrd=initrd.magic', `boottorrent.server=${http}`, 'BOOTIF=01-${netX/mac:hexhyp}', options.cmdline]
  const segments = (drivers: string) =>
    [...options.shared, drivers].map((name) => `initrd \${base}/${name} || goto failed`)

  return `echo boottorrent: loading from ${http}
set base ${http}
cpuid --ext 29 && goto amd64 || goto i686

:amd64
kernel \${base}/${options.kernels.amd64} ${cmdline.join(' ')} || goto failed
${segments(options.drivers.amd64).join('\n')}
boot || goto failed

:i686
kernel \${base}/${options.kernels['686']} ${cmdline.join(' ')} || goto failed
${segments(options.drivers['686']).join('\n')}
boot || goto failed

:failed
imgfree
iseq \${base} ${http} && goto by_tftp ||
echo boottorrent: could not load from ${options.host} by HTTP or TFTP. Is "boottorrent start" running there?
prompt --key s --timeout 5000 boottorrent: trying again in 5 seconds, s for a shell && shell ||
set base ${http}
goto again

:by_tftp
echo boottorrent: HTTP failed, trying TFTP
set base ${tftp}
:again
cpuid --ext 29 && goto amd64 || goto i686
`
}
