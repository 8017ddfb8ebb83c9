import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Classroom } from './classroom.ts'

const IMAGE = 24 * 1024 * 1024
/** So slow that something can happen in between. */
const SLOWLY = '--max-overall-download-limit=6M'

let classroom: Classroom
const threads = new Map<string, Worker>()

function noteThread(worker: Worker): void {
  // Nothing else tells a test which thread is whose.
  const { threadName } = worker as Worker & { threadName: string }
  threads.set(threadName, worker)
}

beforeEach(async () => {
  process.on('worker', noteThread)
  classroom = await Classroom.open(IMAGE)
})

afterEach(async () => {
  process.off('worker', noteThread)
  await classroom[Symbol.asyncDispose]()
})

/** Resolves when the seeder has sent something. */
async function transferBegins(): Promise<void> {
  for (;;) {
    const [[totals]] = await once(classroom.seeder, 'totals')
    if (totals.uploaded > 0) return
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
})

test('the others finish when a client is switched off half-way', async () => {
  const begun = transferBegins()
  const victim = spawn('aria2c', [...classroom.aria2Words(await classroom.newFolder()), SLOWLY, classroom.torrentFile])
  const downloads = [classroom.aria2(), classroom.aria2()]
  await begun
  victim.kill('SIGKILL')
  for (const folder of await Promise.all(downloads)) expect(await classroom.differences(folder)).toEqual([])
})

test('a client that comes when the others are done and gone gets everything', async () => {
  expect(await classroom.differences(await classroom.aria2())).toEqual([])
  expect(await classroom.differences(await classroom.aria2())).toEqual([])
})
