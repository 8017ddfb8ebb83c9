/** Making the torrent of a large image and being ready to seed it, against the programs that do only that. */
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createSeeder, makeTorrent } from '../src/seeder/index.ts'
import { type Competitor, compete, type Suite } from './harness.ts'

const MEBIBYTE = 1024 * 1024
const IMAGE_BYTES = 4096 * MEBIBYTE
const PIECE_EXPONENT = 20
/** Files that were written a moment ago are not remembered. */
const SETTLING_MS = 2_500

const CASES = {
  throughput: 'hash 4 GiB, pieces of 1 MiB',
  remembered: 'ready to seed 4 GiB, hashes remembered',
  checked: 'ready to seed 4 GiB, everything read',
} as const

const goals = [
  {
    case: CASES.throughput,
    unit: 'MB/s',
    better: 'higher',
    goal: 0.85,
    peers: ['mktorrent -t2', 'transmission-create'],
  },
  { case: CASES.remembered, unit: 's', better: 'lower', goal: 1, peers: [] },
  { case: CASES.checked, unit: 's', better: 'lower', goal: 0.9, peers: ['libtorrent'] },
] as const

export const suite: Suite = async (options) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-hash-'))
  try {
    await writeImage(folder)
    const peers = [mktorrent(folder), transmission(folder), libtorrent(folder)]
    const rows = await compete(ours(folder), peers, goals, options)
    return {
      rows,
      notes: ['The image lies in the page cache. Times of mktorrent and transmission include their start.'],
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function writeImage(folder: string): Promise<void> {
  mkdirSync(path.join(folder, 'os'))
  const file = openSync(path.join(folder, 'os', 'image'), 'w')
  const part = Buffer.alloc(16 * MEBIBYTE)
  for (let at = 0; at < IMAGE_BYTES; at += part.length) {
    for (let word = 0; word < part.length; word += 4) part.writeUInt32LE((at + word) >>> 2, word)
    writeSync(file, part)
  }
  closeSync(file)
  await delay(SETTLING_MS)
}

async function secondsOf(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

async function megabytesPerSecond(work: () => unknown): Promise<number> {
  return IMAGE_BYTES / 1e6 / (await secondsOf(work))
}

function ours(folder: string): Competitor {
  const source = { name: 'os', directory: path.join(folder, 'os'), announce: [], pieceLength: 2 ** PIECE_EXPONENT }
  const record = path.join(folder, 'record')
  /** Seconds from nothing until clients could connect. */
  const ready = async (wanted: 'files' | 'record') => {
    const start = performance.now()
    const { torrent, source: from } = await makeTorrent({ ...source, record })
    await using seeder = createSeeder({ address: '127.0.0.1', torrents: [{ torrent, directory: folder }] })
    await seeder.start()
    if (from !== wanted) throw new Error(`the hashes came from the ${from}, not from the ${wanted}`)
    return (performance.now() - start) / 1000
  }
  return {
    name: 'boottorrent',
    async measure() {
      const throughput = await megabytesPerSecond(async () => {
        const { torrent } = await makeTorrent(source)
        writeFileSync(path.join(folder, 'os.torrent'), torrent)
      })
      rmSync(record, { recursive: true, force: true })
      const checked = await ready('files')
      return { [CASES.throughput]: throughput, [CASES.checked]: checked, [CASES.remembered]: await ready('record') }
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
      const run = () => execFileSync('mktorrent', words, { stdio: 'ignore' })
      return { [CASES.throughput]: await megabytesPerSecond(run) }
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
      return { [CASES.throughput]: await megabytesPerSecond(run) }
    },
  }
}

/** Checks the torrent that we have made in the same round. Debian's own Python: its packages are not found by another one. */
function libtorrent(folder: string): Competitor {
  const script = new URL('./libtorrent-check.py', import.meta.url).pathname
  return {
    name: 'libtorrent',
    async measure() {
      const words = [script, path.join(folder, 'os.torrent'), folder]
      return { [CASES.checked]: Number(execFileSync('/usr/bin/python3', words, { encoding: 'utf8' })) }
    },
  }
}
