/** A thread in which transfers run. */
import { parentPort, workerData } from 'node:worker_threads'
import { closeRequest, type WorkerState } from '../supervised-worker.ts'
import { LocalHost } from './host.ts'
import type { HostReport, HostRequest } from './messages.ts'

const port = parentPort
if (port === null) throw new Error('transfers run in a thread of their own')
const post = (message: HostReport | WorkerState) => port.postMessage(message)

const host = new LocalHost(workerData, post, () => performance.now())
port.on('message', (message: HostRequest | typeof closeRequest) => {
  if (message.request !== closeRequest.request) host.post(message)
  else void host.close().then(() => port.close())
})
// Each transfer has a port of its own; the thread as such has none.
post({ state: 'ready', port: 0 })
