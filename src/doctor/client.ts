/** Whether the built client (Phase-1 Linux) is there, with every file that its manifest names. */
import path from 'node:path'
import type { ClientPackage } from '../client-package.ts'
import { formatBytes } from '../ui/format.ts'
import { type CheckResult, failure, failureOf, ok } from './result.ts'

export interface ClientFacts {
  /** @throws BoottorrentError CLIENT_MISSING */
  clientPackage(): Promise<ClientPackage>
  /** Size of a file in bytes; undefined when it cannot be read. */
  fileSize(file: string): Promise<number | undefined>
}

const REMEDY = 'From a checkout, run "npm run build:client"; otherwise install @boottorrent/client again.'

export async function checkClient(facts: ClientFacts): Promise<CheckResult> {
  let client: ClientPackage
  try {
    client = await facts.clientPackage()
  } catch (error) {
    return failureOf('client', error)
  }
  const { directory, manifest } = client
  if (!Array.isArray(manifest.artifacts) || manifest.artifacts.length === 0) {
    return failure('client', 'CLIENT_MISSING', `The client's manifest in ${directory} names no files`, REMEDY)
  }
  const looked = await Promise.all(
    manifest.artifacts.map(async ({ file, bytes }) => ({
      file,
      bytes,
      size: await facts.fileSize(path.join(directory, file)),
    })),
  )
  const wrong = looked.filter(({ bytes, size }) => size !== bytes)
  const [first] = wrong
  if (first === undefined) {
    const total = looked.reduce((sum, { bytes }) => sum + bytes, 0)
    return ok('client', `Phase-1 Linux is whole: ${looked.length} files, ${formatBytes(total)}`)
  }
  const file = path.join(directory, first.file)
  const what =
    first.size === undefined
      ? `${file} cannot be read`
      : `${file} has ${first.size} bytes, and the manifest says ${first.bytes}`
  const more = wrong.length === 1 ? '' : `, and ${wrong.length - 1} more are wrong`
  return failure('client', 'CLIENT_MISSING', `${what}${more}`, REMEDY)
}
