/** Publishes and seeds a system while the disk for the hashes is full: `full-disk.ts IMAGES DISK`. Prints what happened as JSON. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OperatingSystem } from '../../../src/environment/configuration.ts'
import type { LogEntry } from '../../../src/log.ts'
import { publishOs } from '../../../src/published.ts'
import { createSeeder } from '../../../src/seeder/index.ts'
import { RawPeer } from '../../unit/seeder/raw-peer.ts'

const [images = '', disk = ''] = process.argv.slice(2)
const image = Buffer.alloc(4 * 1024 * 1024, 'image ')
const directory = join(images, 'demo')
await mkdir(directory)
await writeFile(join(directory, 'image'), image)
// As if it had been there for a minute: hashes of a file that has just changed are not remembered.
const now = Date.now
Date.now = () => now() + 60_000
const os = { name: 'demo', displayName: 'Demo', directory, method: 'qemu' } as unknown as OperatingSystem

const entries: LogEntry[] = []
const log = (entry: LogEntry) => void (entry.level === 'warn' && entries.push(entry))
const publish = () => publishOs(os, { announce: [], trackers: [], record: join(disk, 'hashes'), log })

await writeFile(join(disk, 'filler'), Buffer.alloc(1024 * 1024)).catch(() => {})
const { torrent, infoHash } = await publish()
const whileFull = entries.splice(0).map(({ event, message }) => ({ event, message }))
const leftOver = await readdir(join(disk, 'hashes')).catch(() => [])

await using seeder = createSeeder({ address: '127.0.0.1', torrents: [{ torrent, directory: images }] })
await seeder.start()
const peer = new RawPeer(seeder.port)
await peer.join(infoHash)
const isServed = (await peer.block(0, 0, 16384)).equals(image.subarray(0, 16384))
peer.destroy()

await rm(join(disk, 'filler'))
await publish()
const remembered = await readdir(join(disk, 'hashes'))
console.log(JSON.stringify({ whileFull, leftOver, isServed, afterwards: entries.length, remembered }))
