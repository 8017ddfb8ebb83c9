import { rename, rm, writeFile } from 'node:fs/promises'
import process from 'node:process'

/**
 * Writes a file so that there is never half of one under its name, whenever the program is ended.
 *
 * @param mode its permissions from the first byte on
 */
export async function writeWhole(file: string, content: string | Uint8Array, mode = 0o666): Promise<void> {
  const unfinished = `${file}.${process.pid}.unfinished`
  try {
    await writeFile(unfinished, content, { mode })
    await rename(unfinished, file)
  } catch (error) {
    // On a full disk it would take the room that is left.
    await rm(unfinished, { force: true }).catch(() => {})
    throw error
  }
}
