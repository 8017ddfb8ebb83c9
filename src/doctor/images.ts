/** Whether the systems fit into the memory of the machines, where they are downloaded to. */
import path from 'node:path'
import type { Configuration, OperatingSystem } from '../environment/index.ts'
import { formatBytes } from '../ui/format.ts'
import { type CheckResult, ok, warning } from './result.ts'

export interface ImageFacts {
  /** Sizes in bytes of all files in a folder and below, by their paths in it. */
  filesIn(folder: string): Promise<ReadonlyMap<string, number>>
}

/** Bytes of memory that the PC of a classroom is expected to have; what machines really have is not known before they boot. */
const MACHINE_MEMORY = 8e9

const NAME = 'images'

export async function checkImages({ oss }: Configuration, facts: ImageFacts): Promise<CheckResult[]> {
  const needs = await Promise.all(oss.map(async (os) => ({ os, bytes: await memoryOf(os, facts) })))
  const large = needs.filter(({ bytes }) => bytes > MACHINE_MEMORY)
  if (large.length > 0) {
    return large.map(({ os, bytes }) =>
      warning(
        NAME,
        `${os.name} takes ${formatBytes(bytes)} of a machine's memory, more than a PC with ${formatBytes(MACHINE_MEMORY)} has`,
        'Make its files smaller, or boot it only on machines with more memory.',
      ),
    )
  }
  const most = needs.toSorted((a, b) => b.bytes - a.bytes)[0]
  if (most === undefined) return [ok(NAME, 'There is no system yet')]
  const largest = `the largest, ${most.os.name}, takes ${formatBytes(most.bytes)}`
  return [ok(NAME, `Every system fits a PC with ${formatBytes(MACHINE_MEMORY)} of memory: ${largest}`)]
}

/** A system is downloaded into memory as a whole; kexec then reads kernel and initrds into memory once more. */
async function memoryOf(os: OperatingSystem, facts: ImageFacts): Promise<number> {
  const sizes = new Map(await facts.filesIn(os.directory))
  sizes.delete('config.yaml')
  const downloaded = sum(sizes.values())
  if (os.method !== 'kexec') return downloaded
  const again = [os.kernel, ...os.initrds].map((file) => sizes.get(path.posix.normalize(file)) ?? 0)
  return downloaded + sum(again)
}

function sum(sizes: Iterable<number>): number {
  let total = 0
  for (const size of sizes) total += size
  return total
}
