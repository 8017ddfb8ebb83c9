import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { BoottorrentError } from './errors.ts'

/** The package's own folder, with assets/ in it. This file lies at another depth once it is bundled. */
export function packageRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url))
  while (!existsSync(path.join(folder, 'assets')) || !existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder)
    if (parent === folder) {
      throw new BoottorrentError('FILE', 'The folder assets of the package boottorrent is missing.', {
        hint: 'Install boottorrent again.',
      })
    }
    folder = parent
  }
  return folder
}
