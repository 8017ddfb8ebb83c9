// Serves an environment, and says what each machine does:
//     node examples/boot-server.ts ./lab
import { once } from 'node:events'
import { BoottorrentError, createBootServer } from 'boottorrent'

const [environment = './lab', client] = process.argv.slice(2)
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort())

try {
  // Without `client`, Phase-1 Linux is that of the package @boottorrent/client.
  await using server = await createBootServer({ environment, client, signal: stop.signal })
  server.on('machine', ({ mac, step, detail }) => console.log(mac, step, detail))
  await server.start()
  for (const { name, address } of server.served) console.log(`serving ${environment} on ${name} (${address})`)
  await once(stop.signal, 'abort')
} catch (error) {
  if (!(error instanceof BoottorrentError)) throw error
  console.error(`${error.message}\n${error.hint ?? ''}`)
  process.exitCode = 1
}
