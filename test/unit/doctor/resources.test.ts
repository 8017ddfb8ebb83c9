/** Memory, disk, client and images. */
import { expect, test } from 'vitest'
import type { ClientManifest } from '../../../client/contract.ts'
import { checkClient } from '../../../src/doctor/client.ts'
import { checkDisk, type DiskFacts } from '../../../src/doctor/disk.ts'
import { checkImages } from '../../../src/doctor/images.ts'
import { checkMemory } from '../../../src/doctor/memory.ts'
import { BoottorrentError } from '../../../src/errors.ts'
import { configurationOf } from './configuration.ts'

test('little memory is a warning with both figures', () => {
  expect(checkMemory({ availableMemory: () => 8e9 })).toMatchObject({ state: 'ok' })
  expect(checkMemory({ availableMemory: () => 100e6 })).toMatchObject({
    state: 'warning',
    message: '100 MB of memory are free; a room needs up to 400 MB',
  })
})

function disk(refusal: string | undefined, free = 1e9): DiskFacts & { readonly tried: string[] } {
  const tried: string[] = []
  return {
    tried,
    isFolder: async (folder) => folder === '/lab/out',
    tryWrite: async (folder) => {
      tried.push(folder)
      if (refusal !== undefined && folder === '/lab/out') throw Object.assign(new Error(refusal), { code: refusal })
    },
    freeSpace: async () => free,
  }
}

test('every folder that is written to is tried, when it is there', async () => {
  const facts = disk(undefined)
  expect(await checkDisk('/lab', facts)).toMatchObject({ state: 'ok' })
  expect(facts.tried).toEqual(['/lab', '/lab/out'])
})

test.each([
  ['ENOSPC', 'FILE', 'There is no room left on the disk to write /lab/out'],
  ['EACCES', 'PERMISSION', 'This user may not write to /lab/out'],
  ['EROFS', 'PERMISSION', 'This user may not write to /lab/out'],
])('a folder that refuses with %s is a failure', async (refusal, code, message) => {
  expect(await checkDisk('/lab', disk(refusal))).toMatchObject({ state: 'failure', code, message })
})

test('little room is a warning', async () => {
  expect(await checkDisk('/lab', disk(undefined, 5e6))).toMatchObject({
    state: 'warning',
    message: '5.0 MB are free for out/ and leases; 100 MB are plenty',
  })
})

function clientOf(artifacts: unknown, sizes: Record<string, number> = {}) {
  return checkClient({
    clientPackage: async () => ({ directory: '/client', manifest: { version: 1, artifacts } as ClientManifest }),
    fileSize: async (file) => sizes[file],
  })
}
const artifacts = [
  { file: 'a', bytes: 10, sha256: '' },
  { file: 'b/c', bytes: 20, sha256: '' },
]

test('a client with all its files is whole', async () => {
  expect(await clientOf(artifacts, { '/client/a': 10, '/client/b/c': 20 })).toMatchObject({
    state: 'ok',
    message: 'Phase-1 Linux is whole: 2 files, 30 B',
  })
})

test('a file of the client that is missing or cut off is named', async () => {
  expect(await clientOf(artifacts, { '/client/a': 10 })).toMatchObject({
    state: 'failure',
    code: 'CLIENT_MISSING',
    message: '/client/b/c cannot be read',
  })
  expect((await clientOf(artifacts, { '/client/a': 9 })).message).toBe(
    '/client/a has 9 bytes, and the manifest says 10, and 1 more are wrong',
  )
})

test('a manifest that names no files, and no client at all, are failures', async () => {
  expect(await clientOf(undefined)).toMatchObject({ state: 'failure', code: 'CLIENT_MISSING' })
  const missing = await checkClient({
    clientPackage: async () => {
      throw new BoottorrentError('CLIENT_MISSING', 'It is not installed.', { hint: 'Install it.' })
    },
    fileSize: async () => undefined,
  })
  expect(missing).toMatchObject({ state: 'failure', code: 'CLIENT_MISSING', hint: 'Install it.' })
})

async function images(bytes: number, kernel: number) {
  const configuration = await configurationOf()
  const os = {
    ...{ name: 'big', displayName: 'Big', directory: '/lab/oss/big', method: 'kexec' as const },
    ...{ kernel: 'vmlinuz', initrds: [], cmdline: '' },
  }
  const files = new Map([
    ['config.yaml', 50e9],
    ['root.img', bytes],
    ['vmlinuz', kernel],
  ])
  return checkImages({ ...configuration, oss: [os] }, { filesIn: async () => files })
}

test('what is downloaded, and what kexec reads once more, must fit the memory of a PC', async () => {
  expect(await images(7e9, 0.4e9)).toMatchObject([
    { state: 'ok', message: 'Every system fits a PC with 8.0 GB of memory: the largest, big, takes 7.8 GB' },
  ])
  expect(await images(7e9, 0.6e9)).toMatchObject([
    { state: 'warning', message: "big takes 8.2 GB of a machine's memory, more than a PC with 8.0 GB has" },
  ])
})

test('an empty menu has nothing that could be too large', async () => {
  const results = await checkImages(await configurationOf(), { filesIn: async () => new Map() })
  expect(results).toEqual([{ name: 'images', state: 'ok', message: 'There is no system yet' }])
})
