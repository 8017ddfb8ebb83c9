/**
 * One builder at a time: two commands that need the same thing would otherwise both spend minutes on it.
 *
 * A lock is a file that its holder touches every few seconds. One that nobody has touched for a while belonged to a process that was
 * killed, here or in another container, and is taken over.
 */

import { mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const TOUCHED_EVERY = 2000
const ABANDONED_AFTER = 20_000
const LOOKED_AT_EVERY = 300

/** Runs `work` while nobody else holds the lock. `waiting` is called once if somebody does. */
export async function withLock<T>(file: string, work: () => Promise<T>, waiting: () => void = () => {}): Promise<T> {
  await mkdir(dirname(file), { recursive: true })
  let waited = false
  while (!(await take(file))) {
    if (!waited) waiting()
    waited = true
    if (await abandoned(file)) await rm(file, { force: true })
    else await delay(LOOKED_AT_EVERY)
  }
  const touching = setInterval(() => utimes(file, new Date(), new Date()).catch(() => {}), TOUCHED_EVERY)
  try {
    return await work()
  } finally {
    clearInterval(touching)
    await rm(file, { force: true })
  }
}

async function take(file: string): Promise<boolean> {
  try {
    await writeFile(file, '', { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function abandoned(file: string): Promise<boolean> {
  const touched = await stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  )
  return Date.now() - touched > ABANDONED_AFTER
}
