/** The thread in which the machines are simulated: the host's own threads work as they would in a real room. */
import { parentPort, workerData } from 'node:worker_threads'
import type { RoomReport, RoomRequest, RoomTask } from './messages.ts'
import { Room } from './room.ts'

const task: RoomTask = workerData
const port = parentPort
if (port === null) throw new Error('the machines run in a thread of their own')
const tell = (report: RoomReport) => port.postMessage(report)

const room = await Room.open(task, tell)
const go = Promise.withResolvers<void>()

port.on('message', async (message: RoomRequest) => {
  if (message.request === 'boot')
    tell({ report: 'booted', ...(await room.boot(message.held ? go.promise : undefined)) })
  else if (message.request === 'go') go.resolve()
  else if (message.request === 'central')
    tell({ report: 'central', seconds: await room.downloadCentrally(message.url) })
  else {
    await room[Symbol.asyncDispose]()
    process.exit()
  }
})
tell({ report: 'ready' })
