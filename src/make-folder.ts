import { mkdir } from 'node:fs/promises'
import path from 'node:path'

/**
 * Makes a folder and those above it, where they are missing. `mkdir` with `recursive` is not used: in /proc Node tries for ever,
 * and it hides why a read-only disk refuses.
 *
 * @throws an error of the system
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    const above = path.dirname(folder)
    if (code !== 'ENOENT' || above === folder) throw error
    await makeFolder(above)
    await mkdir(folder)
  }
}
