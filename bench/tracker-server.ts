/**
 * A tracker as a process of its own, to be measured from outside: `tracker-server.ts ours|stock ADDRESS PORT SWARMS`. Ours is the
 * built package as it is published: what turns TypeScript into JavaScript would be in the memory of each of its threads.
 */
import { benchInfoHashes } from './tracker-swarms.ts'

const [kind, address = '', port = '', swarms = ''] = process.argv.slice(2)
if (kind === 'ours') {
  const built = new URL('../dist/tracker.js', import.meta.url).href
  const { createTracker } = (await import(built)) as typeof import('../src/tracker/index.ts')
  await createTracker({ address, port: Number(port), infoHashes: benchInfoHashes(Number(swarms)) }).start()
} else {
  const { default: Server } = await import('bittorrent-tracker/server')
  const server = new Server({ ws: false, stats: false })
  server.udp6?.close()
  server.udp6 = null
  server.listen({ http: Number(port), udp: Number(port) }, { http: address, udp: address })
  await new Promise((resolve) => server.http.once('listening', resolve))
}
console.log('ready')
