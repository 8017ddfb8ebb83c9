/** The very aria2c of the client, taken out of the built base segment. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { ClientManifest } from '../client/contract.ts'

const built = new URL('../client/dist/', import.meta.url).pathname

/**
 * Unpacks aria2c into a folder and returns its path. `BOOTTORRENT_ARIA2C` names another program, to try a change of it.
 */
export function unpackClientAria2(folder: string): string {
  const wanted = process.env.BOOTTORRENT_ARIA2C
  if (wanted !== undefined) return wanted
  const manifest: ClientManifest = JSON.parse(readFileSync(path.join(built, 'manifest.json'), 'utf8'))
  // bsdtar reads cpio archives under any compression.
  execFileSync('bsdtar', ['-x', '-f', path.join(built, manifest.segments.base), '-C', folder, 'bin/aria2c'])
  return path.join(folder, 'bin/aria2c')
}
