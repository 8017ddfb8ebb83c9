/**
 * A second host of a lesson, in its namespace: `second-host.ts ADDRESS FOLDER TRACKER`. Seeds FOLDER/os in the swarm of the first, and
 * says that it is ready when the tracker, `http://host:port`, tells machines of both.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createSeeder, decodeMetainfo } from '../src/seeder/index.ts'

const [address = '', folder = '', tracker = ''] = process.argv.slice(2)
const torrent = readFileSync(path.join(folder, 'os.torrent'))
await createSeeder({ address, torrents: [{ torrent, directory: folder }] }).start()

const infoHash = decodeMetainfo(torrent).infoHash.replace(/../g, (byte) => `%${byte}`)
for (;;) {
  const answer = await (await fetch(`${tracker}/scrape?info_hash=${infoHash}`)).text()
  if (answer.includes('8:completei2e')) break
  await delay(100)
}
process.on('disconnect', () => process.exit())
process.send?.('ready')
