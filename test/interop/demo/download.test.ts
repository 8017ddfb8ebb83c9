/** The simulated machines' BitTorrent with a client that others made: aria2, which real machines have. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Content } from '../../../src/demo/content.ts'
import { Download } from '../../../src/demo/download.ts'
import { Network } from '../../../src/demo/network.ts'
import { readTorrent } from '../../../src/demo/torrent.ts'
import { Classroom } from '../seeder/classroom.ts'

const address = '127.0.0.2'
const server = '127.0.0.1'

const network = new Network(server, { host: 1e10, machine: 1e10 }, () => performance.now())

async function downloadOf(classroom: Classroom): Promise<Download> {
  const torrent = readTorrent(await readFile(classroom.torrentFile))
  return new Download({ torrent, content: new Content(torrent), network, address, server })
}

/** An aria2 with everything, which seeds until it is disposed of. */
async function aria2Seed(classroom: Classroom): Promise<AsyncDisposable> {
  const folder = await classroom.aria2()
  const words = ['--seed-ratio=0.0', '--check-integrity=true', classroom.torrentFile]
  const child: ChildProcess = spawn('aria2c', [...classroom.aria2Words(folder), ...words], { stdio: 'ignore' })
  return {
    async [Symbol.asyncDispose]() {
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
    },
  }
}

test('it gets everything from aria2, when nobody else has it', { timeout: 180_000 }, async () => {
  await using classroom = await Classroom.open(5_000_000)
  await using _seed = await aria2Seed(classroom)
  await classroom.seeder.close()
  await using download = await downloadOf(classroom)
  const complete = once(download, 'complete')
  await download.start()
  await complete
  expect(download.progress()).toMatchObject({ done: classroom.made.bytes, total: classroom.made.bytes })
  expect(download.damaged).toBe(0)
})

test('it gives everything to aria2, when nobody else has it', { timeout: 180_000 }, async () => {
  await using classroom = await Classroom.open(5_000_000)
  await using download = await downloadOf(classroom)
  const complete = once(download, 'complete')
  await download.start()
  await complete
  await classroom.seeder.close()
  const folder = await classroom.aria2()
  expect(await classroom.differences(folder)).toEqual([])
})
