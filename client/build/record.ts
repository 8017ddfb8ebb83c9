/** What was found out once about the archive, and is kept until somebody asks anew. */

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { withLock } from './lock.ts'

export interface RecordOptions<T> {
  /** Where it is kept, as JSON. */
  readonly file: string
  /** Ask although there is a record. */
  readonly update: boolean
  readonly ask: () => Promise<T>
  /** Hears that somebody else is asking. */
  readonly waiting: () => void
}

/** The answer of an earlier time, or a new one. Of two builds at once, one asks and the other waits. */
export async function recorded<T>({ file, update, ask, waiting }: RecordOptions<T>): Promise<T> {
  const known = update ? undefined : await read<T>(file)
  if (known !== undefined) return known
  const askAndKeep = async () => {
    // Whoever held the lock before may have asked.
    const meanwhile = update ? undefined : await read<T>(file)
    if (meanwhile !== undefined) return meanwhile
    const answer = await ask()
    await writeFile(`${file}.new`, `${JSON.stringify(answer, null, 2)}\n`)
    await rename(`${file}.new`, file)
    return answer
  }
  await mkdir(dirname(file), { recursive: true })
  return withLock(`${file}.lock`, askAndKeep, waiting)
}

async function read<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T
  } catch {
    return undefined
  }
}
