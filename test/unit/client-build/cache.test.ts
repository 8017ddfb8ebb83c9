import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { cacheFolder, createCache, digestFiles } from '../../../client/build/cache.ts'
import { withLock } from '../../../client/build/lock.ts'

test('lies where the user says, else in the cache folder of the user', () => {
  expect(cacheFolder({ BOOTTORRENT_CACHE: '/c', XDG_CACHE_HOME: '/x' })).toBe('/c')
  expect(cacheFolder({ XDG_CACHE_HOME: '/x' })).toBe('/x/boottorrent')
  expect(cacheFolder({})).toMatch(/\/\.cache\/boottorrent$/)
})

test('makes a thing once for the same inputs and again for others', async () => {
  const cache = createCache(await folder())
  let made = 0
  const make = async (place: string) => {
    made += 1
    await writeFile(join(place, 'thing'), String(made))
  }
  const first = await cache.thing('kind', ['a', 1], make)
  expect(await cache.thing('kind', ['a', 1], make)).toBe(first)
  const second = await cache.thing('kind', ['a', 2], make)
  expect(made).toBe(2)
  expect(await readFile(join(first, 'thing'), 'utf8')).toBe('1')
  expect(await readFile(join(second, 'thing'), 'utf8')).toBe('2')
})

test('a failed build leaves nothing behind and is tried again', async () => {
  const root = await folder()
  const cache = createCache(root)
  const failing = cache.thing('kind', 'x', async (place) => {
    await writeFile(join(place, 'half'), '')
    throw new Error('the compiler failed')
  })
  await expect(failing).rejects.toThrow('the compiler failed')
  expect(await readdir(join(root, 'kind'))).toEqual([])
  await cache.thing('kind', 'x', (place) => writeFile(join(place, 'whole'), ''))
  expect(await readdir(join(root, 'kind'))).toHaveLength(1)
})

test('of two builds of the same thing at once, one makes it and the other waits for it', async () => {
  const root = await folder()
  const waited: string[] = []
  const cache = createCache(root, (kind) => {
    waited.push(kind)
    finish()
  })
  let finish = () => {}
  const secondWaits = new Promise<void>((resolve) => {
    finish = resolve
  })
  let made = 0
  const make = async (place: string) => {
    made += 1
    await writeFile(join(place, 'thing'), '')
    await secondWaits
  }
  const places = await Promise.all([cache.thing('kind', 'x', make), cache.thing('kind', 'x', make)])
  expect(new Set(places).size).toBe(1)
  expect(made).toBe(1)
  expect(waited).toEqual(['kind'])
  expect(await readdir(join(root, 'kind'))).toHaveLength(1)
})

test('a lock whose holder was killed is taken over', async () => {
  const root = await folder()
  const lock = join(root, 'thing.lock')
  await writeFile(lock, '')
  const longAgo = new Date(Date.now() - 60_000)
  await utimes(lock, longAgo, longAgo)
  await expect(withLock(lock, async () => 'done')).resolves.toBe('done')
  expect(await readdir(root)).toEqual([])
})

test('of many who find an abandoned lock, one at a time takes it', async () => {
  const root = await folder()
  const rounds = Array.from({ length: 20 }, async (_, round) => {
    const lock = join(root, `thing-${round}.lock`)
    await writeFile(lock, '')
    const longAgo = new Date(Date.now() - 60_000)
    await utimes(lock, longAgo, longAgo)
    let holders = 0
    let most = 0
    const work = async () => {
      holders += 1
      most = Math.max(most, holders)
      await readdir(root)
      holders -= 1
    }
    await Promise.all(Array.from({ length: 4 }, () => withLock(lock, work)))
    expect(most).toBe(1)
  })
  await Promise.all(rounds)
  expect(await readdir(root)).toEqual([])
})

test('an abandoned lock that somebody else is just taking over is left to them', async () => {
  const root = await folder()
  const lock = join(root, 'thing.lock')
  const gate = `${lock}.takeover`
  await writeFile(lock, '')
  await writeFile(gate, 'of somebody else')
  const longAgo = new Date(Date.now() - 60_000)
  await utimes(lock, longAgo, longAgo)
  const happened: string[] = []
  const work = withLock(lock, async () => happened.push('work'))
  for (let look = 0; look < 100; look++) await readdir(root)
  happened.push('the other is done')
  await rm(gate)
  await work
  expect(happened).toEqual(['the other is done', 'work'])
  expect(await readdir(root)).toEqual([])
})

test('whoever lost the lock while suspended leaves it to its new holder', async () => {
  const root = await folder()
  const lock = join(root, 'thing.lock')
  await withLock(lock, () => writeFile(lock, 'of somebody else'))
  expect(await readFile(lock, 'utf8')).toBe('of somebody else')
})

test('what somebody else has made meanwhile is taken as it is', async () => {
  const root = await folder()
  const cache = createCache(root)
  const place = await cache.thing('kind', 'x', async (unfinished) => {
    await writeFile(join(unfinished, 'thing'), 'mine')
    const theirs = unfinished.replace(/\.[0-9a-f]+\.new$/, '')
    await mkdir(theirs)
    await writeFile(join(theirs, 'thing'), 'theirs')
  })
  expect(await readFile(join(place, 'thing'), 'utf8')).toBe('theirs')
  expect(await readdir(join(root, 'kind'))).toHaveLength(1)
})

test('a lock is given back when the work fails', async () => {
  const root = await folder()
  const lock = join(root, 'thing.lock')
  const failing = withLock(lock, async () => {
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  await expect(withLock(lock, async () => 'done')).resolves.toBe('done')
})

test('finds without making', async () => {
  const cache = createCache(await folder())
  expect(await cache.find('kind', 'x')).toBeUndefined()
  const made = await cache.thing('kind', 'x', async () => {})
  expect(await cache.find('kind', 'x')).toBe(made)
})

test('a digest of files sees content and names, in the order of their names', async () => {
  const root = await folder({ 'a/two.sh': '2', 'a/one.sh': '1', 'b.ts': 'b' })
  const before = await digestFiles(root, ['b.ts', 'a', 'missing'])
  expect(before.map(([path]) => path)).toEqual(['a/one.sh', 'a/two.sh', 'b.ts'])
  await writeFile(join(root, 'a/one.sh'), 'other')
  const after = await digestFiles(root, ['a', 'b.ts'])
  expect(after[0]).not.toEqual(before[0])
  expect(after.slice(1)).toEqual(before.slice(1))
})

test('a digest of files sees who may execute, for that goes into an initrd too', async () => {
  const root = await folder({ 'a/init': '#!/bin/sh' })
  const before = await digestFiles(root, ['a'])
  await chmod(join(root, 'a/init'), 0o755)
  expect(await digestFiles(root, ['a'])).not.toEqual(before)
})

test('notes for people change no key', async () => {
  const root = await folder({ 'a/main.ts': '' })
  const before = await digestFiles(root, ['a'])
  await writeFile(join(root, 'a/README.md'), 'words')
  expect(await digestFiles(root, ['a'])).toEqual(before)
})

async function folder(files: Record<string, string> = {}): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'boottorrent-cache-'))
  onTestFinished(() => rm(root, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(root, name, '..'), { recursive: true })
    await writeFile(join(root, name), text)
  }
  return root
}
