// Makes an initrd of a tar archive, without unpacking it to the disk:
//     node examples/initrd-from-tarball.ts rootfs.tar rootfs.cpio
// tar-stream is a package of its own: npm install tar-stream
import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { type InitrdEntry, packInitrd } from 'boottorrent/initrd'
import { extract } from 'tar-stream'

const [archive, initrd] = process.argv.slice(2)
if (archive === undefined || initrd === undefined) throw new Error('Name the tar archive and the initrd to write.')

// An initrd says with each file how many names it has, and a tar archive does not: so it is read twice.
const names = new Map<string, number>()
for await (const { header } of entriesOf(archive)) {
  if (header.type !== 'link') continue
  const target = plain(header.linkname ?? '')
  names.set(target, (names.get(target) ?? 1) + 1)
}
await pipeline(packInitrd(initrdEntries(archive)), createWriteStream(initrd))

async function* initrdEntries(path: string): AsyncGenerator<InitrdEntry> {
  for await (const { header, content } of entriesOf(path)) {
    const { mode = 0o644, uid = 0, gid = 0, mtime, size = 0, devmajor = 0, devminor = 0 } = header
    const name = plain(header.name)
    const modified = Math.floor((mtime?.getTime() ?? 0) / 1000)
    const common = { path: name, mode: mode & 0o7777, owner: [uid, gid] as const, modified }
    if (header.type === 'directory' && name !== '') yield { ...common, type: 'directory' }
    if (header.type === 'file') yield { ...common, size, stream: content, names: names.get(name) ?? 1 }
    if (header.type === 'symlink') yield { ...common, type: 'symlink', content: header.linkname ?? '' }
    if (header.type === 'link') yield { path: name, type: 'link', content: plain(header.linkname ?? '') }
    if (header.type === 'character-device') yield { ...common, type: 'character', device: [devmajor, devminor] }
    if (header.type === 'block-device') yield { ...common, type: 'block', device: [devmajor, devminor] }
  }
}

/** Each entry, with its bytes. What was not read of them is skipped. */
async function* entriesOf(path: string) {
  const tar = extract()
  const reading = pipeline(createReadStream(path), tar)
  // Whoever waits for the next entry hears of it.
  reading.catch((error) => tar.destroy(error))
  for await (const entry of tar) {
    yield { header: entry.header, content: entry as AsyncIterable<Uint8Array> }
    entry.resume()
  }
  await reading
}

/** Names in an initrd have no slash at the front or end: `./etc/` is `etc`. */
function plain(name: string): string {
  return name.replace(/^(\.?\/)+|^\.$/, '').replace(/\/+$/, '')
}
