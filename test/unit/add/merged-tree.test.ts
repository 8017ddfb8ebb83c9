import { extract } from 'tar-stream'
import { describe, expect, test } from 'vitest'
import { MergedTree } from '../../../src/add/rootfs/merged-tree.ts'
import { type TarItem, tarOf } from './made.ts'

/** Layers laid on one another, as paths with their types; files with the layer that they come from. */
async function merged(...layers: (readonly TarItem[])[]): Promise<string[]> {
  const tree = new MergedTree()
  for (const [number, items] of layers.entries()) {
    const tar = extract()
    tar.end(await tarOf(items))
    let index = 0
    for await (const entry of tar) {
      tree.add(entry.header, number, index)
      index += 1
      entry.resume()
    }
  }
  return [...tree.walk()].map(({ path, node }) => `${path} ${node.type}${node.content ? ` ${node.content.layer}` : ''}`)
}

describe('layers', () => {
  test('a later layer replaces files and keeps what else a folder holds', async () => {
    const below = [{ name: 'etc/', type: 'directory' }, { name: 'etc/a' }, { name: 'etc/b' }] as const
    const above = [{ name: 'etc/', type: 'directory', mode: 0o700 }, { name: 'etc/b' }] as const
    expect(await merged(below, above)).toEqual(['etc directory', 'etc/a file 0', 'etc/b file 1'])
  })

  test('a whiteout takes a file away', async () => {
    expect(await merged([{ name: 'etc/a' }, { name: 'etc/b' }], [{ name: 'etc/.wh.a' }])).toEqual([
      'etc directory',
      'etc/b file 0',
    ])
  })

  test('an opaque folder hides what lower layers have in it, even when its mark comes last', async () => {
    const below = [{ name: 'opt/old' }, { name: 'opt/deep/old' }] as const
    const above = [{ name: 'opt/new' }, { name: 'opt/.wh..wh..opq' }] as const
    expect(await merged(below, above)).toEqual(['opt directory', 'opt/new file 1'])
  })

  test('a file in the place of a folder takes the folder away', async () => {
    expect(await merged([{ name: 'run/lock/a' }], [{ name: 'run/lock' }])).toEqual(['run directory', 'run/lock file 1'])
  })

  test('names go through symbolic links, as on a system whose /bin is /usr/bin', async () => {
    const below = [
      { name: 'usr/bin/', type: 'directory' },
      { name: 'bin', type: 'symlink', linkname: 'usr/bin' },
    ] as const
    expect(await merged(below, [{ name: 'bin/sh' }])).toEqual([
      'bin symlink',
      'usr directory',
      'usr/bin directory',
      'usr/bin/sh file 1',
    ])
  })

  test('a hard link shares the bytes of the file it names', async () => {
    const items = [
      { name: 'perl', content: 'p' },
      { name: 'perl5', type: 'link', linkname: 'perl' },
    ] as const
    expect(await merged(items)).toEqual(['perl file 0', 'perl5 file 0'])
  })

  test('an absolute link stays inside the system', async () => {
    const items = [
      { name: 'etc/', type: 'directory' },
      { name: 'a', type: 'symlink', linkname: '/../../etc' },
      { name: 'a/x' },
    ] as const
    expect(await merged(items)).toEqual(['a symlink', 'etc directory', 'etc/x file 0'])
  })

  test('pipes are left out: no system boots from one', async () => {
    expect(await merged([{ name: 'run/initctl', type: 'fifo' }])).toEqual([])
  })
})

describe('what is refused', () => {
  test.each<[string, readonly TarItem[], RegExp]>([
    ['a name that leads out of the system', [{ name: '../../etc/passwd' }], /leads out of the system/],
    ['a link that runs in circles', [{ name: 'a', type: 'symlink', linkname: 'a' }, { name: 'a/b' }], /a is no folder/],
    ['something that lies in a file', [{ name: 'a' }, { name: 'a/b' }], /a is no folder/],
    [
      'another name of a file that is not there',
      [{ name: 'a', type: 'link', linkname: 'b' }],
      /"b", which is not there/,
    ],
  ])('%s', async (_, items, message) => {
    await expect(merged(items)).rejects.toMatchObject({
      code: 'FORMAT',
      message: expect.stringMatching(message),
      hint: expect.any(String),
    })
  })
})
