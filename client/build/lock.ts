/**
 * One builder at a time: two commands that need the same thing would otherwise both spend minutes on it.
 *
 * A lock is a file that its holder touches every few seconds. One that nobody has touched for a while belonged to a process that was
 * killed, here or in another container, and is taken over. A holder that was only suspended may lose its lock that way: the
 * file holds a token, so that it does not give back what is another's by then.
 */

import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const TOUCHED_EVERY = 2000
const ABANDONED_AFTER = 20_000
const LOOKED_AT_EVERY = 300

/** Runs `work` while nobody else holds the lock. `waiting` is called once if somebody does. */
export async function withLock<T>(file: string, work: () => Promise<T>, waiting: () => void = () => {}): Promise<T> {
  await mkdir(dirname(file), { recursive: true })
  const token = randomBytes(8).toString('hex')
  let waited = false
  while (!(await take(file, token))) {
    if (!waited) waiting()
    waited = true
    if (await isAbandoned(file)) await removeAbandoned(file, token)
    else await delay(LOOKED_AT_EVERY)
  }
  const touching = setInterval(() => touch(file, token), TOUCHED_EVERY)
  try {
    return await work()
  } finally {
    clearInterval(touching)
    if (await holds(file, token)) await rm(file, { force: true })
  }
}

async function take(file: string, token: string): Promise<boolean> {
  try {
    await writeFile(file, token, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function touch(file: string, token: string): Promise<void> {
  if (await holds(file, token)) await utimes(file, new Date(), new Date()).catch(() => {})
}

async function holds(file: string, token: string): Promise<boolean> {
  return (await readFile(file, 'utf8').catch(() => '')) === token
}

/**
 * Removes an abandoned lock. Of many who see it abandoned, one looks again and removes it at a time: otherwise the second
 * would remove what the first has taken afresh.
 */
async function removeAbandoned(file: string, token: string): Promise<void> {
  const gate = `${file}.takeover`
  if (!(await take(gate, token))) {
    // Held for a moment only; its holder was killed in that moment if it is old.
    if (await isAbandoned(gate)) await rm(gate, { force: true })
    else await delay(LOOKED_AT_EVERY)
    return
  }
  if (await isAbandoned(file)) await rm(file, { force: true })
  await rm(gate, { force: true })
}

async function isAbandoned(file: string): Promise<boolean> {
  const touched = await stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  )
  return Date.now() - touched > ABANDONED_AFTER
}
