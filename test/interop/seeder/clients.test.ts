import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Classroom } from './classroom.ts'

const IMAGE = 24 * 1024 * 1024

let classroom: Classroom

beforeAll(async () => {
  classroom = await Classroom.open(IMAGE)
})

afterAll(async () => {
  await classroom[Symbol.asyncDispose]()
})

test('aria2 downloads everything from our seeder, found through our tracker', async () => {
  const left = once(classroom.tracker, 'leave')
  expect(await classroom.differences(await classroom.aria2())).toEqual([])
  await left
})

test.each(['plain', 'arc4'])('aria2 downloads by encrypted handshakes with %s payload', async (level) => {
  const words = ['--bt-require-crypto=true', `--bt-min-crypto-level=${level}`]
  expect(await classroom.differences(await classroom.aria2(...words))).toEqual([])
})

test('several aria2 at once download everything', async () => {
  const folders = await Promise.all([1, 2, 3, 4].map(() => classroom.aria2()))
  for (const folder of folders) expect(await classroom.differences(folder)).toEqual([])
})

test.each([
  ['in the clear', false],
  ['encrypted', true],
])('libtorrent downloads everything, %s', async (_, encrypted) => {
  expect(await classroom.differences(await classroom.libtorrent(encrypted))).toEqual([])
})
