/** The thread in which the tracker runs. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { bindError } from '../bind-error.ts'
import type { closeRequest } from '../supervised-worker.ts'
import { GuardedServer } from './guarded-server.ts'
import type { TrackerMessage, TrackerTask, TrackRequest, WarnRequest } from './messages.ts'

const SWARMS_EVERY_MS = 1_000

const task: TrackerTask = workerData
const port = parentPort
if (port === null) throw new Error('the tracker runs in a thread of its own')
const post = (message: TrackerMessage) => port.postMessage(message)

const server = new GuardedServer(task.infoHashes, (news, peer) => post({ report: news, ...peer }))
server.adopt(task.peers)
for (const warning of task.warnings) server.warn(warning)
server.on('warning', (warning: Error) => post({ report: 'refused', reason: warning.message }))

/** HTTP and UDP share one port, as one announce list says it. */
async function freePort(address: string): Promise<number> {
  const probe = createServer().listen(0, address)
  await once(probe, 'listening')
  const found = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof found === 'object' && found !== null ? found.port : 0
}

async function listen(): Promise<void> {
  const { address } = task
  let wanted = task.port
  try {
    wanted = task.port === 0 ? await freePort(address) : task.port
    // Each of the two sockets may fail; the first failure is told.
    const failure = new Promise((_, reject) => server.on('error', reject))
    const listening = Promise.all([once(server.http, 'listening'), once(server.udp4, 'listening')])
    server.listen({ http: wanted, udp: wanted }, { http: address, udp: address })
    await Promise.race([listening, failure])
  } catch (error) {
    const { code, message, hint } = bindError(error, 'the tracker', address, wanted)
    post({ state: 'failed', code, message, hint })
    server.close()
    port?.close()
    return
  }
  server.on('error', (error) => {
    throw error
  })
  post({ state: 'ready', port: wanted })
  reportSwarms()
}

function reportSwarms(): void {
  let last = ''
  setInterval(() => {
    const swarms = server.counts()
    const now = JSON.stringify(swarms)
    if (now === last) return
    last = now
    post({ report: 'swarms', swarms })
  }, SWARMS_EVERY_MS)
}

port.on('message', (message: TrackRequest | WarnRequest | typeof closeRequest) => {
  if (message.request === 'track') {
    server.track(message.infoHashes)
    return
  }
  if (message.request === 'warn') {
    server.warn(message)
    return
  }
  server.close()
  server.http.closeAllConnections()
  process.exit()
})

listen()
