import { beforeEach, expect, test } from 'vitest'
import type { Respond, Wire } from 'webtorrent'
import { UploadGate } from '../../../src/seeder/upload-gate.ts'

const BLOCK = 16 * 1024
/** 256 KiB */
const ROOM = 16

interface FakeWire {
  uploaded: number
  _read: (done: (error: Error | null) => void) => void
}

let wire: FakeWire
let gate: UploadGate
/** Readings that are under way. */
let reading: Respond[]

beforeEach(() => {
  wire = { uploaded: 0, _read: () => {} }
  gate = new UploadGate(wire as unknown as Wire)
  reading = []
})

const sends: Respond = (_error, bytes) => {
  wire.uploaded += bytes?.length ?? 0
}
const isDropped: Respond = () => {}

function request(count: number, respond = sends): void {
  for (let index = 0; index < count; index += 1) gate.admit(BLOCK, (done) => reading.push(done), respond)
}

function finishReading(): void {
  for (const done of reading.splice(0)) done(null, new Uint8Array(BLOCK))
}

/** The connection has taken what was pushed. */
function drain(): void {
  wire._read(() => {})
}

test('a peer that does not read gets no more than its share read', () => {
  request(5000)
  expect(reading.length).toBe(ROOM)
  finishReading()
  expect(reading.length).toBe(0)
})

test('a peer that reads gets everything, in the order of its requests', () => {
  const order: number[] = []
  for (let index = 0; index < 100; index += 1) {
    const task = (done: Respond) => {
      order.push(index)
      reading.push(done)
    }
    gate.admit(BLOCK, task, sends)
  }
  while (order.length < 100) {
    finishReading()
    drain()
  }
  finishReading()
  expect(order).toEqual(Array.from({ length: 100 }, (_, index) => index))
  expect(wire.uploaded).toBe(100 * BLOCK)
})

test('requests that came to nothing make room, so a peer that was choked in between does not starve', () => {
  request(ROOM, isDropped)
  request(3)
  expect(reading.length).toBe(ROOM)
  finishReading()
  expect(reading.length).toBe(3)
})

test('the connection is told at once that reading goes on', () => {
  let answered = false
  wire._read((error) => {
    answered = error === null
  })
  expect(answered).toBe(true)
})
