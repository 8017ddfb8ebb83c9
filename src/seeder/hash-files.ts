import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { BoottorrentError } from '../errors.ts'
import { workerUrl } from '../supervised-worker.ts'
import { DONE, type HashJob, hashPieces, STOP, UnreadableFile } from './hash-pieces.ts'
import { PIECE_HASH_BYTES } from './metainfo.ts'

const THREADS_LIMIT = 4
/** Below this, starting a thread takes longer than hashing. */
const WORTH_A_THREAD = 16 * 1024 * 1024
const PROGRESS_EVERY_MS = 200

export interface HashOptions {
  readonly signal?: AbortSignal | undefined
  /** Bytes that are done, of all. */
  readonly onProgress?: ((done: number, bytes: number) => void) | undefined
}

/**
 * The hashes of all pieces of these files, one behind the other.
 *
 * @throws BoottorrentError FILE when a file cannot be read; the reason of the signal when it is aborted.
 */
export async function hashFiles(
  files: readonly { readonly path: string; readonly size: number }[],
  pieceLength: number,
  { signal, onProgress }: HashOptions = {},
): Promise<Uint8Array> {
  signal?.throwIfAborted()
  const bytes = files.reduce((sum, file) => sum + file.size, 0)
  const count = Math.ceil(bytes / pieceLength)
  const job: HashJob = {
    files: files.map(({ path, size }) => ({ path, size })),
    pieceLength,
    bytes,
    shared: new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT)),
    pieces: new Uint8Array(new SharedArrayBuffer(count * PIECE_HASH_BYTES)),
  }
  if (bytes < WORTH_A_THREAD) hashHere(job)
  else await hashInThreads(job, signal, onProgress)
  onProgress?.(bytes, bytes)
  // A copy, because shared memory is not accepted everywhere.
  return Uint8Array.from(job.pieces)
}

function hashHere(job: HashJob): void {
  try {
    hashPieces(job)
  } catch (error) {
    throw error instanceof UnreadableFile ? unreadable(error.path, error.message) : error
  }
}

async function hashInThreads(
  job: HashJob,
  signal: AbortSignal | undefined,
  onProgress: HashOptions['onProgress'],
): Promise<void> {
  const stop = () => Atomics.store(job.shared, STOP, 1)
  signal?.addEventListener('abort', stop)
  const timer = setInterval(() => {
    onProgress?.(Math.min(Atomics.load(job.shared, DONE) * job.pieceLength, job.bytes), job.bytes)
  }, PROGRESS_EVERY_MS)
  try {
    const threads = Array.from({ length: Math.min(availableParallelism(), THREADS_LIMIT) }, () => runThread(job))
    for (const thread of threads) thread.catch(stop)
    const results = await Promise.allSettled(threads)
    signal?.throwIfAborted()
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  } finally {
    clearInterval(timer)
    signal?.removeEventListener('abort', stop)
  }
}

function runThread(job: HashJob): Promise<void> {
  const worker = new Worker(workerUrl('seeder', 'hash-worker'), { name: 'hash-worker', workerData: job })
  return new Promise((resolve, reject) => {
    worker.on('message', ({ path, reason }: { path: string; reason: string }) => reject(unreadable(path, reason)))
    worker.on('error', reject)
    worker.on('exit', () => resolve())
  })
}

function unreadable(path: string, reason: string): BoottorrentError {
  return new BoottorrentError('FILE', `${path} cannot be read to its end: ${reason}`, {
    hint: 'Wait until nothing writes the file any more, check the disk, and try again.',
  })
}
