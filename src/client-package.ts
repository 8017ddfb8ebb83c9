/** Finds the built client (`@boottorrent/client`) and reads its manifest. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { ClientManifest } from '../client/contract.ts'
import { missingIn } from './client-manifest.ts'
import { BoottorrentError } from './errors.ts'

export interface ClientPackage {
  /** Absolute path of the folder that the manifest's file names are relative to. */
  readonly directory: string
  readonly manifest: ClientManifest
}

/**
 * Reads the manifest of the installed client package, or of the one at `manifestFile`.
 *
 * @throws {BoottorrentError} CLIENT_MISSING when it is not there or is not a manifest that this version understands.
 */
export async function loadClientPackage(manifestFile?: string): Promise<ClientPackage> {
  const file = manifestFile ?? findManifest()
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw missing(`The client's manifest ${file} cannot be read.`, cause)
  }
  return { directory: path.dirname(file), manifest: understood(parse(text, file), file) }
}

function findManifest(): string {
  try {
    return createRequire(import.meta.url).resolve('@boottorrent/client/manifest.json')
  } catch (cause) {
    throw missing('The package @boottorrent/client (Phase-1 Linux) is not installed or not built.', cause)
  }
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw missing(`The client's manifest ${file} is damaged.`, cause)
  }
}

/** A client that was built for another version of this program boots nothing, and is refused before anything starts. */
function understood(manifest: unknown, file: string): ClientManifest {
  const { version } = Object(manifest) as Partial<ClientManifest>
  if (version !== 1) {
    throw missing(`The client's manifest ${file} has version ${String(version)}; this program knows version 1.`)
  }
  const lacking = missingIn(manifest)
  if (lacking === undefined) return manifest as ClientManifest
  throw missing(
    `The client does not fit this version of boottorrent: its manifest ${file} does not have ${lacking} as it should.`,
  )
}

function missing(message: string, cause?: unknown): BoottorrentError {
  const hint =
    'From a checkout, run "npm run build:client"; otherwise install boottorrent and @boottorrent/client again, in the same version.'
  return new BoottorrentError('CLIENT_MISSING', message, { hint, cause })
}
