/** Inputs of `add`, small and made by hand where only their beginnings count. */
import { pack } from 'tar-stream'

/** Bytes that begin as a Linux kernel does for whoever looks at its setup header. */
export function kernel(size = 4096): Buffer {
  const bytes = Buffer.alloc(size, 0x90)
  bytes.write('HdrS', 0x202, 'latin1')
  return bytes
}

export interface TarItem {
  readonly name: string
  readonly type?: 'file' | 'directory' | 'symlink' | 'link' | 'character-device' | 'fifo'
  readonly content?: string | Buffer
  readonly linkname?: string
  readonly mode?: number
  readonly uid?: number
}

/** A tar archive of these items, in this order. */
export async function tarOf(items: readonly TarItem[]): Promise<Buffer> {
  const archive = pack()
  for (const { content = '', ...header } of items) archive.entry({ devmajor: 1, devminor: 3, ...header }, content)
  archive.finalize()
  const parts: Uint8Array[] = []
  for await (const part of archive as AsyncIterable<Uint8Array>) parts.push(part)
  return Buffer.concat(parts)
}

/** A root file system with everything that a start needs, and nothing else. */
export const smallSystem: readonly TarItem[] = [
  { name: './', type: 'directory' },
  { name: './usr/bin/', type: 'directory' },
  { name: './bin', type: 'symlink', linkname: 'usr/bin' },
  { name: './usr/bin/sh', content: 'stands for a shell', mode: 0o755 },
]
