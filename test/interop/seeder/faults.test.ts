import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WorkerThreads } from '../../lab/worker-threads.ts'
import { Classroom } from './classroom.ts'

const IMAGE = 24 * 1024 * 1024
/** So slow that something can happen in between. */
const SLOWLY = '--max-overall-download-limit=6M'

let classroom: Classroom
let threads: WorkerThreads

beforeEach(async () => {
  threads = new WorkerThreads()
  classroom = await Classroom.open(IMAGE)
})

afterEach(async () => {
  threads[Symbol.dispose]()
  await classroom[Symbol.asyncDispose]()
})

/** Resolves when the seeder has sent something. */
async function transferBegins(): Promise<void> {
  await isUploaded(1)
}

/** Resolves when the seeder has sent so many bytes of pieces. */
async function isUploaded(bytes: number): Promise<void> {
  for (;;) {
    const [[totals]] = await once(classroom.seeder, 'totals')
    if (totals.uploaded >= bytes) return
  }
}

test('a client finishes although the thread of the seeder died in mid-transfer', async () => {
  const begun = transferBegins()
  const download = classroom.aria2(SLOWLY)
  await begun
  const restarted = once(classroom.seeder, 'restart')
  await threads.get('seeder-worker')?.terminate()
  await restarted
  expect(await classroom.differences(await download)).toEqual([])
  expect(classroom.log).toEqual(expect.arrayContaining(['seeder.crash', 'seeder.restart']))
})

test('a client finishes although the thread of the tracker died in mid-transfer, and is counted again', async () => {
  const begun = transferBegins()
  const download = classroom.aria2(SLOWLY)
  await begun
  const restarted = once(classroom.tracker, 'restart')
  await threads.get('tracker-worker')?.terminate()
  await restarted
  expect(await classroom.differences(await download)).toEqual([])
  expect(await classroom.differences(await classroom.aria2())).toEqual([])
  expect(classroom.log).toEqual(expect.arrayContaining(['tracker.crash', 'tracker.restart']))
})

test('the others finish when a client is switched off half-way', async () => {
  // So slow that one of the lines that it says each second falls into its second half.
  const slower = ['--max-overall-download-limit=3M', '--summary-interval=1']
  const words = [...classroom.aria2Words(await classroom.newFolder()), ...slower]
  const victim = spawn('aria2c', [...words, classroom.torrentFile], { stdio: ['ignore', 'pipe', 'ignore'] })
  const others = [classroom.aria2(SLOWLY), classroom.aria2()]
  for await (const line of createInterface({ input: victim.stdout })) {
    const percent = /\((\d+)%\)/.exec(line)?.[1]
    if (Number(percent) >= 50) break
  }
  victim.kill('SIGKILL')
  for (const folder of await Promise.all(others)) expect(await classroom.differences(folder)).toEqual([])
})

test('a client that comes when the others are done and gone gets everything', async () => {
  expect(await classroom.differences(await classroom.aria2())).toEqual([])
  expect(await classroom.differences(await classroom.aria2())).toEqual([])
})

test('clients get the right bytes although a machine among them gives out wrong ones', async () => {
  const folder = await classroom.newFolder()
  await cp(join(classroom.folder, 'oss/demo'), join(folder, 'demo'), { recursive: true })
  await writeFile(join(folder, 'demo/image'), Buffer.alloc(IMAGE, 'wrong'))
  const known = once(classroom.tracker, 'join')
  // aria2 shuns the address of a machine that has given it a wrong piece, so each machine has its own one.
  const seeds = ['--seed-ratio=0.0', '--bt-seed-unverified=true', '--interface=127.0.0.2']
  const words = [...classroom.aria2Words(folder), ...seeds, classroom.torrentFile]
  const liar = spawn('aria2c', [...words, '--summary-interval=1'], { stdio: ['ignore', 'pipe', 'ignore'] })
  let said = ''
  liar.stdout.on('data', (text) => {
    said += text
  })
  try {
    await known
    const clients = ['127.0.0.3', '127.0.0.4'].map((address) => classroom.aria2(SLOWLY, `--interface=${address}`))
    for (const each of await Promise.all(clients)) expect(await classroom.differences(each)).toEqual([])
    // It has really given something: its summary tells of an upload.
    expect(said).toMatch(/ UL:/)
  } finally {
    liar.kill('SIGKILL')
    await once(liar, 'exit')
  }
})

test('an image that is deleted while it is being downloaded is downloaded to its end', async () => {
  const original = await readFile(join(classroom.folder, 'oss/demo/image'))
  // More than all other files together: so the image has been opened, and stays so without its name.
  const begun = isUploaded(2 * 1024 * 1024)
  const download = classroom.aria2(SLOWLY)
  await begun
  await rm(join(classroom.folder, 'oss/demo/image'))
  const copy = await readFile(join(await download, 'demo/image'))
  expect(copy.equals(original)).toBe(true)
})

test('an image that cannot be read is withdrawn and named, and what is mended is downloaded', async () => {
  const image = join(classroom.folder, 'oss/demo/image')
  const original = await readFile(image)
  await truncate(image, IMAGE / 2)
  const withdrawn = once(classroom.seeder, 'withdrawn')
  // It has nobody left to ask, and is switched off with the classroom.
  classroom.aria2().catch(() => {})
  expect(await withdrawn).toMatchObject([{ name: 'demo', reason: expect.stringContaining('shorter than it was') }])
  await writeFile(image, original)
  classroom.seeder.serve([{ torrent: classroom.made.torrent, directory: join(classroom.folder, 'oss') }])
  expect(await classroom.differences(await classroom.aria2())).toEqual([])
  expect(classroom.log).toContain('seeder.withdrawn')
})

test('thirty clients at once get everything, and leave neither memory nor open files behind', {
  timeout: 120_000,
}, async () => {
  await using small = await Classroom.open(2 * 1024 * 1024)
  // The first one brings threads, code and caches into memory.
  await small.aria2()
  const filesBefore = await openFiles()
  const memoryBefore = process.memoryUsage.rss()
  const folders = await Promise.all(Array.from({ length: 30 }, () => small.aria2()))
  for (const folder of folders) expect(await small.differences(folder)).toEqual([])
  const left = async () =>
    small.seeder.totals().every(({ peers }) => peers === 0) && (await openFiles()) <= filesBefore + 5
  while (!(await left())) await once(small.seeder, 'totals', { signal: AbortSignal.timeout(20_000) }).catch(() => {})
  expect(await openFiles()).toBeLessThanOrEqual(filesBefore + 5)
  expect(process.memoryUsage.rss() - memoryBefore).toBeLessThan(150e6)
})

async function openFiles(): Promise<number> {
  return (await readdir('/proc/self/fd')).length
}
