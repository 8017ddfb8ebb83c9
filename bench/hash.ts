/** Making a torrent of a large image, against the programs that do only that. */
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { makeTorrent } from '../src/seeder/index.ts'
import { type Competitor, compete, type Suite } from './harness.ts'

const MEBIBYTE = 1024 * 1024
const IMAGE_BYTES = 2048 * MEBIBYTE
const PIECE_EXPONENT = 20
const THROUGHPUT = 'hash 2 GiB, pieces of 1 MiB'
const REMEMBERED = 'ready from the record, 2 GiB'

export const suite: Suite = async (options) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-hash-'))
  try {
    writeImage(folder)
    const peers = [mktorrent(folder), transmission(folder)]
    const rows = await compete(ours(folder), peers, goals, options)
    return { rows, notes: ['The image lies in the page cache. Times of programs include their start.'] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const goals = [
  { case: THROUGHPUT, unit: 'MB/s', better: 'higher', goal: 0.85, peers: ['mktorrent -t2', 'transmission-create'] },
  { case: REMEMBERED, unit: 's', better: 'lower', goal: 1, peers: [] },
] as const

function writeImage(folder: string): void {
  mkdirSync(path.join(folder, 'os'))
  const file = openSync(path.join(folder, 'os', 'image'), 'w')
  const part = Buffer.alloc(16 * MEBIBYTE)
  for (let at = 0; at < IMAGE_BYTES; at += part.length) {
    for (let word = 0; word < part.length; word += 4) part.writeUInt32LE((at + word) >>> 2, word)
    writeSync(file, part)
  }
  closeSync(file)
}

async function megabytesPerSecond(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return IMAGE_BYTES / 1e6 / ((performance.now() - start) / 1000)
}

function ours(folder: string): Competitor {
  const source = { name: 'os', directory: path.join(folder, 'os'), announce: [], pieceLength: 2 ** PIECE_EXPONENT }
  const record = path.join(folder, 'record')
  return {
    name: 'boottorrent',
    async measure() {
      const throughput = await megabytesPerSecond(() => makeTorrent(source))
      await makeTorrent({ ...source, record })
      const start = performance.now()
      const { source: from } = await makeTorrent({ ...source, record })
      if (from !== 'record') throw new Error('the hashes were not remembered')
      return { [THROUGHPUT]: throughput, [REMEMBERED]: (performance.now() - start) / 1000 }
    },
  }
}

function mktorrent(folder: string): Competitor {
  const target = path.join(folder, 'mktorrent.torrent')
  const words = ['-t', '2', '-l', String(PIECE_EXPONENT), '-a', 'http://a/', '-o', target, path.join(folder, 'os')]
  return {
    name: 'mktorrent -t2',
    async measure() {
      rmSync(target, { force: true })
      return { [THROUGHPUT]: await megabytesPerSecond(() => execFileSync('mktorrent', words, { stdio: 'ignore' })) }
    },
  }
}

function transmission(folder: string): Competitor {
  const target = path.join(folder, 'transmission.torrent')
  const words = ['-s', String(2 ** PIECE_EXPONENT / 1024), '-o', target, path.join(folder, 'os')]
  return {
    name: 'transmission-create',
    async measure() {
      rmSync(target, { force: true })
      const run = () => execFileSync('transmission-create', words, { stdio: 'ignore' })
      return { [THROUGHPUT]: await megabytesPerSecond(run) }
    },
  }
}
