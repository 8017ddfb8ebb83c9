/**
 * Turns what people have — a kernel with its initrd, an ISO image, a disk image, a root file system or container image, a
 * program — into a system of an environment: `oss/<name>/` with its config.yaml.
 *
 * ```ts
 * const added = await addSystem({ environment: '/srv/lab', sources: ['/home/me/debian.iso'] })
 * for (const line of added.decisions) console.log(line)
 * ```
 */
import type { Method } from './plan.ts'

/** What is to be added, and what shall overrule the decisions about it. */
export interface AddOptions {
  /** Absolute path of the environment's folder. */
  readonly environment: string
  /** Absolute paths of what is to be added: one file or folder, or a kernel with its initrds. */
  readonly sources: readonly string[]
  /** Folder in oss/. Left out: made from the name of the first source. */
  readonly name?: string | undefined
  /** Name in the menu. Left out: what the source calls itself, or `name`. */
  readonly displayName?: string | undefined
  /** How to start it. Left out: the best that the source allows. */
  readonly method?: Method | undefined
  /** Kernel command line, or arguments of QEMU or of the program. Left out: what the source says. */
  readonly cmdline?: string | undefined
  /** Absolute paths of more initrds, which follow the source's own. */
  readonly initrds?: readonly string[] | undefined
  /** Path of the client's manifest.json, whose kernel a root file system without one gets. Left out: the installed one. */
  readonly client?: string | undefined
  /** Hears how far the writing is. */
  readonly onProgress?: ((progress: AddProgress) => void) | undefined
  /** Ends the work; nothing of it stays behind. */
  readonly signal?: AbortSignal | undefined
}

/** How far the writing of a system is, in bytes. */
export interface AddProgress {
  /** Bytes written. */
  readonly done: number
  /** Bytes in all. For what is packed it is the size before, so that the end may come early. */
  readonly bytes: number
}

/** A system that was added, and what was decided about it. */
export interface AddedSystem {
  readonly name: string
  readonly displayName: string
  /** Absolute path of its folder. */
  readonly directory: string
  readonly method: Method
  /** Bytes that a machine downloads. */
  readonly bytes: number
  /** What was decided and why, in whole sentences. */
  readonly decisions: readonly string[]
}

export { addSystem } from './add.ts'
export type { Method } from './plan.ts'
