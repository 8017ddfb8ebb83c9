import { appendFile, link, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EnvironmentChanges } from '../../../src/environment-changes/index.ts'
import { lookAt } from '../../../src/environment-changes/look.ts'
import { SettledChange } from '../../../src/environment-changes/settled.ts'

let folder: string
let lab: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'changes-'))
  lab = path.join(folder, 'lab')
  await mkdir(path.join(lab, 'oss/debian/boot'), { recursive: true })
  await writeFile(path.join(lab, 'Boottorrent.yaml'), 'version: 1\n')
  await writeFile(path.join(lab, 'oss/debian/config.yaml'), 'method: kexec\n')
  await writeFile(path.join(lab, 'oss/debian/boot/vmlinuz'), 'a kernel')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const signature = async () => (await lookAt(lab, 'Boottorrent.yaml')).signature

describe('a look at an environment', () => {
  test('gives the same when nothing has changed, and when only what is made of it has', async () => {
    const before = await signature()
    await mkdir(path.join(lab, 'out/torrents'), { recursive: true })
    await writeFile(path.join(lab, 'out/torrents/debian.torrent'), 'made')
    await writeFile(path.join(lab, 'notes.txt'), 'mine')
    expect(await signature()).toBe(before)
  })

  test.each([
    ['the configuration', () => appendFile(path.join(lab, 'Boottorrent.yaml'), '# more\n')],
    ['a config.yaml', () => appendFile(path.join(lab, 'oss/debian/config.yaml'), '# more\n')],
    ['a file deep inside', () => appendFile(path.join(lab, 'oss/debian/boot/vmlinuz'), 'x')],
    ['the times of a file', () => utimes(path.join(lab, 'oss/debian/boot/vmlinuz'), 1, 1)],
    ['the name of a file', () => rename(path.join(lab, 'oss/debian/boot'), path.join(lab, 'oss/debian/other'))],
    ['the systems, by a new one', () => mkdir(path.join(lab, 'oss/empty'))],
    ['the systems, by one that is gone', () => rm(path.join(lab, 'oss/debian'), { recursive: true })],
    ['the environment, which is gone', () => rm(lab, { recursive: true })],
    ['a symlink', () => symlink('vmlinuz', path.join(lab, 'oss/debian/boot/link'))],
  ])('gives another result when it changes: %s', async (_, change) => {
    const before = await signature()
    await change()
    expect(await signature()).not.toBe(before)
  })

  test('finds what changes behind a symlink to a system', async () => {
    await mkdir(path.join(folder, 'elsewhere'))
    await symlink(path.join(folder, 'elsewhere'), path.join(lab, 'oss/linked'))
    const before = await signature()
    await writeFile(path.join(folder, 'elsewhere/image'), 'x')
    expect(await signature()).not.toBe(before)
  })

  test('tells which folders to watch', async () => {
    const { folders } = await lookAt(lab, 'Boottorrent.yaml')
    expect(folders.map((name) => path.relative(lab, name)).sort()).toEqual(['', 'oss', 'oss/debian', 'oss/debian/boot'])
  })
})

describe('a change', () => {
  test('is settled once, when it has stayed as it is for long enough', () => {
    const change = new SettledChange('a', 100)
    const looks: [string, number][] = [
      ['a', 0],
      ['b', 10],
      ['c', 60],
      ['c', 159],
      ['c', 160],
      ['c', 900],
    ]
    expect(looks.map(([seen, now]) => change.look(seen, now))).toEqual([
      'same',
      'changing',
      'changing',
      'changing',
      'settled',
      'same',
    ])
  })

  test('that is undone in time was none', () => {
    const change = new SettledChange('a', 100)
    expect([change.look('b', 0), change.look('a', 50), change.look('b', 120)]).toEqual(['changing', 'same', 'changing'])
  })
})

describe('changes are told', () => {
  async function changesAfter(change: () => Promise<unknown>, timing: { poll: number }): Promise<void> {
    const told = Promise.withResolvers<void>()
    await using changes = new EnvironmentChanges({
      directory: lab,
      file: 'Boottorrent.yaml',
      quiet: 50,
      ...timing,
      onChange: told.resolve,
    })
    await changes.start()
    await change()
    await told.promise
  }

  test('at once, without waiting for the next look', async () => {
    await changesAfter(() => appendFile(path.join(lab, 'oss/debian/boot/vmlinuz'), 'x'), { poll: 3_600_000 })
  })

  test('also of a folder that came later', async () => {
    let count = 0
    const events: (() => void)[] = []
    await using changes = new EnvironmentChanges({
      directory: lab,
      file: 'Boottorrent.yaml',
      quiet: 50,
      poll: 3_600_000,
      onChange: () => {
        count += 1
        events.shift()?.()
      },
    })
    const next = () => new Promise<void>((resolve) => events.push(resolve))
    await changes.start()
    const first = next()
    await mkdir(path.join(lab, 'oss/new'))
    await first
    const second = next()
    await writeFile(path.join(lab, 'oss/new/image'), 'x')
    await second
    expect(count).toBe(2)
  })

  test('although the system tells nothing', async () => {
    // What happens to a file by another name of it, in a folder that nobody watches, is no event of this one.
    const other = path.join(folder, 'other-name')
    await link(path.join(lab, 'oss/debian/boot/vmlinuz'), other)
    await changesAfter(() => appendFile(other, 'x'), { poll: 20 })
  })
})
