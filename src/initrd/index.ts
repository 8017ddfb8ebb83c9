/**
 * Packs files into an initrd segment: the `newc` flavour of cpio that the Linux kernel unpacks into its first root file
 * system (Documentation/driver-api/early-userspace/buffer-format.rst of the kernel). Segments that lie one behind the
 * other in memory are unpacked in order, so an environment's own segment can follow a built one.
 *
 * ```ts
 * const segment = packInitrd([
 *   { path: 'init', mode: 0o755, content: '#!/bin/sh\nexec sh\n' },
 *   { path: 'dev/console', type: 'character', mode: 0o600, device: [5, 1] },
 *   { path: 'lib/modules.tar', file: '/srv/modules.tar' },
 * ])
 * for await (const chunk of segment) file.write(chunk)
 * ```
 */

/** One file, directory, link or device of an initrd. */
export interface InitrdEntry {
  /** Where it lies, relative to the root, as `etc/hostname`: no leading slash, no `.`, no `..`. */
  readonly path: string
  /** `file` when left out. */
  readonly type?: EntryType
  /** Permission bits. Left out: 644 for files, 755 for directories, 777 for symlinks, 600 for devices. */
  readonly mode?: number
  /** The bytes or text (as UTF-8) of a file; the target of a symlink; for a `link` the path of the file it is another name of. */
  readonly content?: Uint8Array | string
  /** Instead of `content`: the bytes of a file as they come, exactly `size` of them. */
  readonly stream?: AsyncIterable<Uint8Array>
  readonly size?: number
  /** Instead of `content`: a file on disk that is read while packing. Its size must not change meanwhile. */
  readonly file?: string
  /** Major and minor number of a character or block device. */
  readonly device?: readonly [major: number, minor: number]
  /** Numbers of user and group; root's when left out. */
  readonly owner?: readonly [user: number, group: number]
  /** Seconds since 1970; 0 when left out, so that equal files make equal archives. */
  readonly modified?: number
  /** How many names a file has in the archive, itself included; 1 when left out. Links to it follow it. */
  readonly names?: number
}

/** Kinds of files. A `link` is one more name of a file that came before it. */
export type EntryType = 'file' | 'directory' | 'symlink' | 'character' | 'block' | 'link'

export { packInitrd } from './pack.ts'
