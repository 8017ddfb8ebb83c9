/** One way to boot that a boot menu offers. Paths are as the menu writes them. */
export interface MenuEntry {
  readonly title: string
  readonly kernel: string
  readonly initrds: readonly string[]
  readonly cmdline: string
  /** Whether the menu starts it by itself. */
  readonly isDefault: boolean
}

/** Reads another file that a menu names; undefined when it is not there. */
export type ReadInclude = (path: string) => Promise<string | undefined>

/** Files that a menu includes, and those that they include: more is a loop. */
export const MOST_INCLUDES = 32
