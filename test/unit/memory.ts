/** What this process holds, for tests that show that nothing stays behind. Linux only, as far as descriptors go. */
import { readdirSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes of memory that are in use, after everything that can be freed was freed. */
export async function usedMemory(): Promise<number> {
  // What one round frees may be what kept something else alive.
  for (let round = 0; round < 3; round += 1) {
    collectGarbage()
    await new Promise(setImmediate)
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Files and sockets that are open. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length
}
