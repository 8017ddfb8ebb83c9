import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listFolder } from '../../src/served-folder.ts'

let folder: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'folder-')))
  await mkdir(join(folder, 'os/sub'), { recursive: true })
  await writeFile(join(folder, 'os/kernel'), 'vmlinuz')
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const list = (exclude: string[] = []) => listFolder(join(folder, 'os'), exclude)
const names = async (exclude: string[] = []) => (await list(exclude)).map((file) => file.name)
const refusal = () => list().catch((error) => error)

describe('the files of a folder', () => {
  test('come in the order of their names as bytes, folders opened', async () => {
    for (const name of ['b', 'a-b', 'a/x', 'B', 'é', 'z', 'a.b']) {
      if (name.includes('/')) await mkdir(join(folder, 'os/a'))
      await writeFile(join(folder, 'os', name), 'x')
    }
    expect(await names()).toEqual(['B', 'a-b', 'a.b', 'a/x', 'b', 'kernel', 'z', 'é'])
  })

  test('leave out what is excluded, by its whole name', async () => {
    await writeFile(join(folder, 'os/config.yaml'), 'x')
    await writeFile(join(folder, 'os/sub/config.yaml'), 'x')
    expect(await names(['config.yaml'])).toEqual(['kernel', 'sub/config.yaml'])
  })

  test('have their size, and a stamp that changes with the content', async () => {
    const [before] = await list()
    await writeFile(join(folder, 'os/kernel'), 'VMLINUZ')
    const [after] = await list()
    expect(before).toMatchObject({ size: 7, path: join(folder, 'os/kernel') })
    expect(after?.stamp).not.toBe(before?.stamp)
  })

  test('include what symlinks inside the folder point to', async () => {
    await symlink('../kernel', join(folder, 'os/sub/link'))
    expect(await list()).toMatchObject([
      { name: 'kernel', size: 7 },
      { name: 'sub/link', size: 7 },
    ])
  })

  test('may be reached through a symlink to the folder itself', async () => {
    await symlink(join(folder, 'os'), join(folder, 'link'))
    expect((await listFolder(join(folder, 'link'), [])).map((file) => file.name)).toEqual(['kernel'])
  })
})

describe('a folder is refused, with the name of what is wrong, when', () => {
  test('a symlink leads out of it', async () => {
    await writeFile(join(folder, 'secret'), 'x')
    await symlink('../../secret', join(folder, 'os/sub/link'))
    expect(await refusal()).toMatchObject({ code: 'FILE', message: expect.stringContaining('os/sub/link leads out') })
  })

  test('a symlink leads to a folder whose name only begins alike', async () => {
    await mkdir(join(folder, 'os-other'))
    await symlink('../os-other', join(folder, 'os/link'))
    expect(await refusal()).toMatchObject({ code: 'FILE', message: expect.stringContaining('leads out') })
  })

  test('a symlink points to nothing', async () => {
    await symlink('nothing', join(folder, 'os/link'))
    expect(await refusal()).toMatchObject({ code: 'FILE', message: expect.stringContaining('os/link cannot be read') })
  })

  test('a symlink leads back into a folder above', async () => {
    await symlink('..', join(folder, 'os/sub/again'))
    expect(await refusal()).toMatchObject({ code: 'FILE', message: expect.stringContaining('leads back') })
  })

  test('it has a named pipe', async () => {
    execFileSync('mkfifo', [join(folder, 'os/pipe')])
    expect(await refusal()).toMatchObject({ code: 'FILE', message: expect.stringContaining('os/pipe is neither') })
  })

  test('it is not there', async () => {
    await rm(join(folder, 'os'), { recursive: true })
    expect(await refusal()).toMatchObject({ code: 'FILE', hint: expect.any(String) })
  })
})
