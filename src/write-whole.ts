import { rename, writeFile } from 'node:fs/promises'
import process from 'node:process'

/** Writes a file so that there is never half of one under its name, whenever the program is ended. */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const unfinished = `${file}.${process.pid}.unfinished`
  await writeFile(unfinished, content)
  await rename(unfinished, file)
}
