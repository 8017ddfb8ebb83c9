/** A seeder that is found by local discovery alone: lsd-host.ts FOLDER ADDRESS. Its torrent names a tracker that is dead. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { createSeeder, makeTorrent } from '../../../src/seeder/index.ts'

const [folder = '', address = ''] = process.argv.slice(2)
const announce = [`http://${address}:9/announce`]
const { torrent } = await makeTorrent({ name: 'os', directory: path.join(folder, 'os'), announce })
writeFileSync(path.join(folder, 'os.torrent'), torrent)
const seeder = createSeeder({ address, torrents: [{ torrent, directory: folder }], lsd: true })
seeder.on('connect', ({ peer }) => console.log(`connect ${peer}`))
await seeder.start()
console.log('ready')
