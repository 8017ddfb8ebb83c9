import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { sharedLibraries } from '../../../client/build/shared-libraries.ts'

const libraries = ['lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu']

test('names the libraries of a program and theirs, under the names that are asked for', async () => {
  const root = await treeOf(['lib', 'usr', 'bin'])
  const found = await sharedLibraries(root, ['bin/ls'], libraries)
  const names = found.map(({ path }) => path.split('/').at(-1))
  // ls itself needs libselinux; only that needs libpcre2. The loader is needed by the C library.
  expect(names).toEqual(
    expect.arrayContaining(['libc.so.6', 'libselinux.so.1', 'libpcre2-8.so.0', 'ld-linux-x86-64.so.2']),
  )
  expect(new Set(names).size).toBe(names.length)
  expect(found.find(({ path }) => path.endsWith('libpcre2-8.so.0'))?.file).toMatch(/libpcre2-8\.so\.0\.\d+/)
})

test('a static program needs none', async () => {
  const root = await treeOf(['bin'])
  expect(await sharedLibraries(root, ['bin/busybox'], libraries)).toEqual([])
})

test('a library that is in no package is an error that says who needs it and where to add it', async () => {
  const root = await treeOf(['bin'])
  await expect(sharedLibraries(root, ['bin/ls'], libraries)).rejects.toMatchObject({
    code: 'FILE',
    message: expect.stringMatching(/^bin\/ls needs lib.+, which is in none of the packages$/),
    hint: expect.stringContaining('hypervisor-packages.ts'),
  })
})

/** A tree with some of this machine's own folders. */
async function treeOf(folders: readonly string[]): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'boottorrent-tree-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  for (const folder of folders) await symlink(join('/', folder), join(root, folder))
  return root
}
