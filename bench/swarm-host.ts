/** The host of the swarm bench, in its namespace: `swarm-host.ts ADDRESS FOLDER [PIECE_LENGTH]`. Serves FOLDER/os, tells what it sent. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { createSeeder, makeTorrent } from '../src/seeder/index.ts'
import { announceUrls, createTracker } from '../src/tracker/index.ts'

const TRACKER_PORT = 10001

const [address, folder, pieceLength] = process.argv.slice(2)
if (address === undefined || folder === undefined) throw new Error('Usage: swarm-host.ts ADDRESS FOLDER [PIECE_LENGTH]')

const announce = announceUrls(address, TRACKER_PORT)
const record = path.join(folder, 'record')
const source = { name: 'os', directory: path.join(folder, 'os'), announce, record }
const made = await makeTorrent(pieceLength === undefined ? source : { ...source, pieceLength: Number(pieceLength) })
writeFileSync(path.join(folder, 'os.torrent'), made.torrent)
const tracker = createTracker({ address, port: TRACKER_PORT, infoHashes: [made.infoHash] })
const seeder = createSeeder({ address, torrents: [{ torrent: made.torrent, directory: folder }] })
await tracker.start()
await seeder.start()

let sent = 0
seeder.on('disconnect', ({ uploaded }) => {
  sent += uploaded
})
process.on('disconnect', () => process.exit())
process.send?.({ ready: true })
process.on('message', async () => {
  // Connections that are still open have told nothing yet; closing the seeder makes them tell.
  await seeder.close()
  await tracker.close()
  process.send?.({ sent }, () => process.disconnect())
})
