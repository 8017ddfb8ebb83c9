/** One file that machines may fetch by TFTP or HTTP. Its bytes lie in memory or in a file. */
export type BootFile = {
  /** Name as machines ask for it, without a leading slash: `boot.ipxe`, `grub/grub.cfg`. */
  readonly name: string
  /** Length in bytes. */
  readonly size: number
} & ({ readonly bytes: Uint8Array } | { readonly path: string })

/**
 * The one table of everything that TFTP and HTTP serve. Nothing else is reachable: there is no file-system root behind it.
 */
export interface BootFiles {
  /** The file of exactly this name; one leading slash is accepted. Undefined when there is none. */
  get(name: string): BootFile | undefined
  /** All names, sorted. */
  names(): string[]
}

/** A table from a list of files. A later file replaces an earlier one of the same name. */
export function createBootFiles(files: Iterable<BootFile>): BootFiles {
  const table = new Map<string, BootFile>()
  for (const file of files) table.set(file.name, file)
  return {
    get: (name) => table.get(name.startsWith('/') ? name.slice(1) : name),
    names: () => [...table.keys()].sort(),
  }
}
