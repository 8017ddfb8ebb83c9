/** What a single seeder seeds in the benches: 1 GiB in RAM, none of its pieces like another. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { makeTorrent } from '../src/seeder/index.ts'
import type { SeedFolder } from './seeders.ts'
import type { SingleSeederTracker } from './single-seeder-tracker.ts'

const IMAGE_BYTES = 2 ** 30

export async function prepareImage(folder: string, tracker: SingleSeederTracker): Promise<SeedFolder> {
  mkdirSync(path.join(folder, 'os'))
  const image = Buffer.alloc(IMAGE_BYTES)
  for (let at = 0; at < image.length; at += 4) image.writeUInt32LE(at >>> 2, at)
  writeFileSync(path.join(folder, 'os/image'), image)
  const { torrent } = await makeTorrent({
    name: 'os',
    directory: path.join(folder, 'os'),
    announce: [tracker.url],
    record: path.join(folder, 'record'),
  })
  const torrentFile = path.join(folder, 'os.torrent')
  writeFileSync(torrentFile, torrent)
  return { folder, torrentFile }
}
