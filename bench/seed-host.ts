/**
 * Seeds in a process of its own: `seed-host.ts FOLDER TORRENT ours|stock`. Ours is the built package as it is published, the
 * other one webtorrent as it comes.
 */
import { readFileSync } from 'node:fs'

const [folder, torrentFile, kind] = process.argv.slice(2)
if (folder === undefined || torrentFile === undefined) throw new Error('Usage: seed-host.ts FOLDER TORRENT ours|stock')

const bytes = readFileSync(torrentFile)
process.on('disconnect', () => process.exit())
process.send?.({ port: kind === 'ours' ? await seedOurs(folder) : await seedStock(folder) })

async function seedOurs(directory: string): Promise<number> {
  const built = new URL('../dist/seeder.js', import.meta.url).href
  const { createSeeder } = (await import(built)) as typeof import('../src/seeder/index.ts')
  // All clients have this one address.
  const limits = { connectionsPerAddress: 512 }
  const seeder = createSeeder({ address: '127.0.0.1', torrents: [{ torrent: bytes, directory }], limits })
  await seeder.start()
  return seeder.port
}

async function seedStock(path: string): Promise<number> {
  const { default: WebTorrent } = await import('webtorrent')
  const client = new WebTorrent({ dht: false, lsd: false, utp: false, natUpnp: false, natPmp: false })
  const torrent = client.add(bytes, { path })
  await new Promise<void>((resolve) => torrent.once('done', () => resolve()))
  return client.address()?.port ?? 0
}
