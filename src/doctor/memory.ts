/** Whether there is memory for what the server keeps in it. */
import { formatBytes } from '../ui/format.ts'
import { type CheckResult, ok, warning } from './result.ts'

export interface MemoryFacts {
  /** Bytes that programs can still get. */
  availableMemory(): number
}

/** TFTP and the seeder keep at most 160 MiB of files; the rest is Node and its threads. */
const NEEDED = 400e6

export function checkMemory(facts: MemoryFacts): CheckResult {
  const available = facts.availableMemory()
  const both = `${formatBytes(available)} of memory are free; a room needs up to ${formatBytes(NEEDED)}`
  if (available >= NEEDED) return ok('memory', both)
  return warning('memory', both, 'End other programs on this computer.')
}
