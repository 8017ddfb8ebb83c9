/** A disk of the server with a part that cannot be read: a real one to the kernel, whose end is cut off while it is mounted. */
import { execFile } from 'node:child_process'
import { readFile, truncate } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lineOf } from '../dhcp/network.ts'
import { image, type Program, ServedLab, type TestMachine } from './served-lab.ts'

const run = promisify(execFile)
const script = path.join(import.meta.dirname, 'start-with-client.ts')
const DISK = 24 * 1024 * 1024
const victim = { address: '127.0.0.2', mac: '52:54:00:00:00:02' }
const late = { address: '127.0.0.4', mac: '52:54:00:00:00:04' }
const neighbour = { address: '127.0.0.3', mac: '52:54:00:00:00:03' }

let lab: ServedLab
let disk: string
let kernel: string
let server: Program

beforeEach(async () => {
  lab = await ServedLab.open(21_000)
  await lab.writeSystem('other', image('other'))
  await lab.configure({ timeout: -1, more: 'log_level: debug\n' })
  const directory = path.join(lab.environment, 'oss/demo')
  kernel = path.join(directory, 'vmlinuz')
  disk = path.join(lab.folder, 'disk')
  await run('mke2fs', ['-q', '-t', 'ext4', '-O', '^has_journal', '-d', directory, disk, `${DISK / 1024}k`])
  // The disk is in the program's own view of the file system, and ends with it.
  const mounted = 'mount -o loop,ro "$0" "$1" && shift && exec "$@"'
  const program = [process.execPath, script, lab.client, lab.environment]
  server = lab.spawn('unshare', '-m', 'sh', '-c', mounted, disk, directory, ...program)
  await lineOf(server, /"server\.ready"/)
})

afterEach(() => lab[Symbol.asyncDispose]())

/** From now on the disk has nothing behind its first third, and the kernel remembers nothing of what it had read. */
async function breakDisk(): Promise<void> {
  await truncate(disk, DISK / 3)
  await run('dd', [`if=/proc/${server.pid}/root${kernel}`, 'iflag=nocache', 'count=0'])
}

async function troublesOf({ mac }: TestMachine): Promise<string[]> {
  const answer = await fetch(`${lab.base}/api/machine?mac=${mac}`)
  const { timeline } = (await answer.json()) as { timeline: { step: string; detail: string }[] }
  return timeline.filter(({ step }) => step === 'trouble').map(({ detail }) => detail)
}

test('an image on a disk with read errors is withdrawn and named on log and timeline; other systems are downloaded on', async () => {
  const spoilt = await lab.beginAt(victim, 'demo', '1M')
  const sound = await lab.beginAt(neighbour, 'other', '2M')
  const withdrawn = lineOf(server, /"seeder\.withdrawn"/)
  const told = lineOf(server, /"step":"trouble"/)
  await breakDisk()
  const reason = `${kernel} cannot be read any more: its disk cannot read it (EIO)`
  expect(JSON.parse(await withdrawn)).toMatchObject({
    level: 'error',
    message: `demo is not served any more: ${reason}`,
  })
  await told
  expect(await troublesOf(victim)).toEqual([`the server does not have demo any more: ${reason}`])

  // Its menu still offers it, for its boot files are from before.
  await lab.report(late, 'download', 'demo')
  expect(await troublesOf(late)).toEqual([`the server does not have demo any more: ${reason}`])

  expect((await lab.finish(sound)).equals(image('other'))).toBe(true)
  expect((await lab.download('other')).equals(image('other'))).toBe(true)
  expect(await troublesOf(neighbour)).toEqual([])

  const partial = await readFile(path.join(spoilt.into, 'demo/vmlinuz'))
  expect(countWrong(partial, image('first'))).toBe(0)
  expect(partial.includes('firstfirst')).toBe(true)
})

/** Bytes that are neither right nor missing. */
function countWrong(partial: Buffer, whole: Buffer): number {
  return partial.reduce((wrong, byte, at) => (byte === 0 || byte === whole[at] ? wrong : wrong + 1), 0)
}
