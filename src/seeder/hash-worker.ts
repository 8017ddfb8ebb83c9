/** One of the threads that hash a torrent. */
import { parentPort, workerData } from 'node:worker_threads'
import { hashPieces, UnreadableFile } from './hash-pieces.ts'

try {
  hashPieces(workerData)
} catch (error) {
  if (!(error instanceof UnreadableFile)) throw error
  parentPort?.postMessage({ path: error.path, reason: error.message })
}
