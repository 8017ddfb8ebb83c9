/** A tracker as a process of its own, to be measured from outside: `tracker-server.ts ours|stock ADDRESS PORT SWARMS`. */
import Server from 'bittorrent-tracker/server'
import { createTracker } from '../src/tracker/index.ts'
import { benchInfoHashes } from './tracker-swarms.ts'

const [kind, address = '', port = '', swarms = ''] = process.argv.slice(2)
if (kind === 'ours') {
  await createTracker({ address, port: Number(port), infoHashes: benchInfoHashes(Number(swarms)) }).start()
} else {
  const server = new Server({ ws: false, stats: false })
  server.udp6?.close()
  server.udp6 = null
  server.listen({ http: Number(port), udp: Number(port) }, { http: address, udp: address })
  await new Promise((resolve) => server.http.once('listening', resolve))
}
console.log('ready')
