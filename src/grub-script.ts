/**
 * GRUB's `grub.cfg`: what 32-bit UEFI and Secure Boot do in place of the iPXE script. GRUB has its address from the
 * firmware. `cpuid -l` and `-p` ask for 64 bit and PAE.
 */
import { type BootFileNames, type BootScriptOptions, commonWords } from './boot-script.ts'

/** Where GRUB's images for network boot look for it. */
export const grubScriptName = 'grub/grub.cfg'

export function grubScript(options: BootScriptOptions): string {
  const { host, httpPort, kernels, secureBoot } = options
  return `echo "boottorrent: loading from http://${host}:${httpPort}"
if [ "$grub_cpu" = x86_64 ]; then
${choose(kernels.amd64, [secureBoot], options)}
elif cpuid -l; then
${choose(kernels.amd64, [], options)}
elif cpuid -p; then
${choose(kernels['686-pae'], [], options)}
else
${choose(kernels['686'], [], options)}
fi
set again=yes
while [ "$again" = yes ]; do
  for base in "(http,${host}:${httpPort})" "(tftp,${host})"; do
    echo "boottorrent: $kernel from $base"
    if linux $base/$kernel BOOTIF=01-$net_default_mac ${commonWords(options).join(' ')}; then
      set files=
      for segment in $segments; do set files="$files $base/$segment"; done
      if initrd $files; then boot; fi
    fi
  done
  echo "boottorrent: could not load from ${host} by HTTP or TFTP. Is boottorrent start running there?"
  echo "boottorrent: trying again in 5 seconds, Esc for a shell"
  if sleep --interruptible 5; then set again=yes; else set again=no; fi
done
`
}

function choose(
  { kernel, segments }: BootFileNames,
  more: readonly string[],
  { shared }: Pick<BootScriptOptions, 'shared'>,
): string {
  return `  set kernel=${kernel}\n  set segments="${[...shared, ...segments, ...more].join(' ')}"`
}
