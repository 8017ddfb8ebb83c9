/** The thread in which torrents are seeded. */
import { parentPort, workerData } from 'node:worker_threads'
import { bindError } from '../bind-error.ts'
import type { closeRequest } from '../supervised-worker.ts'
import { shareKeyExchanges } from './diffie-hellman.ts'
import type { SeederMessage, SeederTask, ServeRequest } from './messages.ts'
import { Seeding } from './seeding.ts'

const TOTALS_EVERY_MS = 1_000

const task: SeederTask = workerData
const port = parentPort
if (port === null) throw new Error('the seeder runs in a thread of its own')
const post = (message: SeederMessage) => port.postMessage(message)

shareKeyExchanges()
const seeding = new Seeding(task)
let isReady = false

seeding.on('report', post)
seeding.on('error', (error) => {
  if (isReady) throw error
  const { code, message, hint } = bindError(error, 'the seeder', task.address, task.port)
  post({ state: 'failed', code, message, hint })
  port.close()
})
port.on('message', (message: ServeRequest | typeof closeRequest) => {
  if (message.request === 'serve') seeding.serve(message.torrents)
  else seeding.close().then(() => process.exit())
})

seeding.ready().then((boundPort) => {
  isReady = true
  post({ state: 'ready', port: boundPort })
  setInterval(reportTotals, TOTALS_EVERY_MS)
})

let last = ''
let lastOffences = '{}'
function reportTotals(): void {
  const counts = seeding.offences()
  if (JSON.stringify(counts) !== lastOffences) {
    lastOffences = JSON.stringify(counts)
    post({ report: 'offences', counts })
  }
  const torrents = seeding.totals()
  const now = JSON.stringify(torrents)
  if (now === last) return
  last = now
  post({ report: 'totals', torrents })
  post({ report: 'traffic', connections: seeding.traffic() })
}
