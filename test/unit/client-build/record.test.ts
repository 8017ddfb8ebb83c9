import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { recorded } from '../../../client/build/record.ts'

/** Asks for a number that grows with each question. */
async function asker() {
  const folder = await mkdtemp(join(tmpdir(), 'boottorrent-record-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'resolved/record.json')
  let asked = 0
  const ask = async () => ++asked
  const look = (update = false) => recorded({ file, update, ask, waiting: () => {} })
  return { file, look }
}

test('the archive is asked once, and again for an update', async () => {
  const { file, look } = await asker()
  expect([await look(), await look()]).toEqual([1, 1])
  expect(await look(true)).toBe(2)
  expect(JSON.parse(await readFile(file, 'utf8'))).toBe(2)
})

test('builds at the same time share one question', async () => {
  const { look } = await asker()
  expect(await Promise.all([look(), look()])).toEqual([1, 1])
})

test('a record that was cut off is asked for anew', async () => {
  const { file, look } = await asker()
  await look()
  await writeFile(file, '{"kern')
  expect(await look()).toBe(2)
})

test('a question that fails leaves no record', async () => {
  const { file, look } = await asker()
  const failed = recorded({
    file,
    update: false,
    ask: () => Promise.reject(new Error('no network')),
    waiting: () => {},
  })
  await expect(failed).rejects.toThrow('no network')
  expect(await look()).toBe(1)
})
