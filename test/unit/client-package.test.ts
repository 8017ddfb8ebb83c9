import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { loadClientPackage } from '../../src/client-package.ts'
import { createBootServer } from '../../src/server.ts'
import { writeClient } from '../interop/server/client-files.ts'
import { temporaryEnvironment } from './environment/temporary-environment.ts'

type Json = Record<string, unknown>

/** Loads a client whose manifest was changed. */
async function load(change: (manifest: Json) => unknown): Promise<unknown> {
  await using folder = await temporaryEnvironment({})
  const file = await writeClient(path.join(folder.directory, 'client'))
  const manifest = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify(change(manifest)))
  return await loadClientPackage(file)
}

test('the manifest of a client that fits is taken as it is', async () => {
  expect(await load((manifest) => ({ ...manifest, added: 'by a later build' }))).toMatchObject({
    manifest: { version: 1, added: 'by a later build', segments: { base: 'base.img' } },
  })
})

/** Each part that the host reads, taken away or spoilt. */
const spoilt: readonly (readonly [place: string, change: (manifest: Json) => unknown])[] = [
  [
    'segments.otherDrivers.686.file',
    ({ segments, ...rest }) => ({ ...rest, segments: without(segments, 'otherDrivers') }),
  ],
  ['segments.secureBoot', ({ segments, ...rest }) => ({ ...rest, segments: without(segments, 'secureBoot') })],
  ['kernels.686-pae.file', ({ kernels, ...rest }) => ({ ...rest, kernels: without(kernels, '686-pae') })],
  ['kernels.686.file', (manifest) => ({ ...manifest, kernels: [] })],
  ['loaders.uefi-ia32', ({ loaders, ...rest }) => ({ ...rest, loaders: without(loaders, 'uefi-ia32') })],
  ['hypervisors', (manifest) => without(manifest, 'hypervisors')],
  ['hypervisors', (manifest) => ({ ...manifest, hypervisors: [{ folder: 'hypervisor-amd64' }] })],
  ['artifacts', (manifest) => ({ ...manifest, artifacts: [null] })],
]

function without(object: unknown, key: string): Json {
  const { [key]: _, ...rest } = object as Json
  return rest
}

test.each(spoilt)('a client without %s is one of another version, and is refused', async (place, change) => {
  await expect(load(change)).rejects.toMatchObject({
    code: 'CLIENT_MISSING',
    message: expect.stringMatching(
      new RegExp(`^The client does not fit this version of boottorrent: .* does not have ${place} as it should\\.$`),
    ),
    hint: expect.stringContaining('in the same version'),
  })
})

test.each([[null], [[]], ['text'], [{ version: 2 }], [{}]])('%j is no manifest of version 1', async (manifest) => {
  await expect(load(() => manifest)).rejects.toMatchObject({
    code: 'CLIENT_MISSING',
    message: expect.stringContaining('this program knows version 1.'),
  })
})

test('a server is not made with a client that does not fit', async () => {
  await using folder = await temporaryEnvironment({
    'Boottorrent.yaml': 'version: 1\nnetwork: { interface: lo, host_ip: 127.0.0.1, mode: "off" }\n',
  })
  const client = await writeClient(path.join(folder.directory, 'client'))
  await writeFile(client, '{ "version": 1, "artifacts": [] }')
  await expect(createBootServer({ environment: folder.directory, client })).rejects.toMatchObject({
    code: 'CLIENT_MISSING',
  })
})
