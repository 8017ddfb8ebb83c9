/** The files of the built client, as machines may fetch them. */
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { kernelFlavours } from '../client/contract.ts'
import type { BootFile } from './boot-files.ts'
import type { ClientPackage } from './client-package.ts'
import { BoottorrentError } from './errors.ts'
import { otherDriverFiles } from './other-drivers.ts'

/**
 * All files that lie in the client's own folder: loaders look for their second parts beside themselves.
 *
 * @throws {BoottorrentError} CLIENT_MISSING
 */
export async function clientFiles({ directory, manifest }: ClientPackage): Promise<BootFile[]> {
  const { segments } = manifest
  // Folders are torrents of their own.
  const names = manifest.artifacts.map(({ file }) => file).filter((file) => !file.includes('/'))
  const files = await Promise.all(names.map((name) => clientFile(directory, name)))
  const ofCards = kernelFlavours.flatMap((flavour) => {
    const drivers = segments.otherDrivers[flavour]
    const segment = files.find(({ name }) => name === drivers.file)
    return segment === undefined ? [] : otherDriverFiles(flavour, drivers, segment)
  })
  return [...files, ...ofCards]
}

async function clientFile(directory: string, name: string): Promise<BootFile> {
  const file = path.join(directory, name)
  try {
    const { size } = await stat(file)
    return { name, size, path: file }
  } catch (cause) {
    throw new BoottorrentError('CLIENT_MISSING', `The client's file ${file} cannot be read.`, {
      hint: 'From a checkout, run "npm run build:client"; otherwise install @boottorrent/client again.',
      cause,
    })
  }
}

/** `out/`: the boot files that were made in `boot/`, and what is there for others. */
