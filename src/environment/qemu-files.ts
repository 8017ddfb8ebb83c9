/** QEMU's options whose next word is a file (qemu-system-x86_64, "Block device options" and "Linux/Multiboot boot specific"). */
const FILE_OPTIONS = new Set([
  '-cdrom',
  '-fda',
  '-fdb',
  '-hda',
  '-hdb',
  '-hdc',
  '-hdd',
  '-kernel',
  '-initrd',
  '-mtdblock',
  '-pflash',
  '-sd',
])

/**
 * The files that arguments for QEMU take from its working directory. What is plainly not such a file (a device, an
 * address, QEMU's own `fat:` syntax) is left to QEMU.
 */
export function qemuFiles(args: readonly string[]): string[] {
  const files: string[] = []
  for (const [index, word] of args.entries()) {
    const next = args[index + 1]
    const option = word.startsWith('--') ? word.slice(1) : word
    if (next === undefined) continue
    if (FILE_OPTIONS.has(option)) files.push(next)
    if (option === '-drive') files.push(...fileOfDrive(next))
  }
  return files.filter((file) => file !== '' && !file.startsWith('/') && !file.includes(':'))
}

/** In `-drive file=disc.iso,format=raw` a comma inside the name is written twice. */
function fileOfDrive(properties: string): string[] {
  const file = /(?:^|[^,],)file=((?:[^,]|,,)*)/.exec(properties)?.[1]
  return file === undefined ? [] : [file.replaceAll(',,', ',')]
}
