/** What an environment publishes: real folders and real programs. */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { ClientPackage } from '../../src/client-package.ts'
import type { OperatingSystem } from '../../src/environment/configuration.ts'
import { publishHypervisors, publishOs } from '../../src/published.ts'

async function publishedWith(program: string) {
  const root = await mkdtemp(path.join(tmpdir(), 'boottorrent-published-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const directory = path.join(root, 'tool')
  await mkdir(directory)
  await copyFile(program, path.join(directory, 'run'))
  await mkdir(path.join(root, 'hypervisor-amd64'))
  await writeFile(path.join(root, 'hypervisor-amd64/start'), '#!/bin/sh\n')
  const os: OperatingSystem = {
    name: 'tool',
    displayName: 'Tool',
    directory,
    method: 'program',
    program: 'run',
    args: [],
  }
  const settings = { announce: [], trackers: [], record: path.join(root, 'hashes'), log: () => {} }
  const published = await publishOs(os, settings)
  const hypervisors = [{ folder: 'hypervisor-amd64', kernels: ['6.1.0-50-amd64'] }]
  const client = { directory: root, manifest: { hypervisors } } as unknown as ClientPackage
  return { published, hypervisors: await publishHypervisors(client, [published], settings) }
}

test('a program that needs shared libraries brings the hypervisors along, which have them', async () => {
  const { published, hypervisors } = await publishedWith('/bin/ls')
  expect(published.loader).toBe('/lib64/ld-linux-x86-64.so.2')
  expect(hypervisors.map(({ name, kernels }) => ({ name, kernels }))).toEqual([
    { name: 'hypervisor-amd64', kernels: ['6.1.0-50-amd64'] },
  ])
})

test('a static program does not', async () => {
  const { published, hypervisors } = await publishedWith('/bin/busybox')
  expect(published.loader).toBeNull()
  expect(hypervisors).toEqual([])
})

test('initrds together, and a program, are measured: machines need more memory for them than for other files', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'boottorrent-published-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const directory = path.join(folder, 'demo')
  await mkdir(directory)
  for (const [name, bytes] of [
    ['vmlinuz', 7000],
    ['first', 300],
    ['second', 21],
    ['rest', 5],
  ] as const) {
    await writeFile(path.join(directory, name), Buffer.alloc(bytes))
  }
  const settings = { announce: [], trackers: [], record: path.join(folder, 'hashes'), log: () => {} }
  const common = { name: 'demo', displayName: 'Demo', directory }
  const kexec = { ...common, method: 'kexec', kernel: 'vmlinuz', initrds: ['first', 'second'], cmdline: '' } as const
  expect(await publishOs(kexec, settings)).toMatchObject({ bytes: 7326, initrdBytes: 321, programBytes: 0 })
  const program = { ...common, method: 'program', program: 'rest', args: [] } as const
  expect(await publishOs(program, settings)).toMatchObject({ bytes: 7326, initrdBytes: 0, programBytes: 5 })
})
