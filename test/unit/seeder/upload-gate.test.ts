import { EventEmitter } from 'node:events'
import { beforeEach, expect, test } from 'vitest'
import type { Respond } from 'webtorrent'
import { type ReadTask, UploadGate } from '../../../src/seeder/upload-gate.ts'

const BLOCK = 16 * 1024
/** 256 KiB */
const ROOM = 16

/** A socket whose peer reads only when told. */
class FakeSocket extends EventEmitter {
  writableLength = 0
  writable = true
  #written: (() => void)[] = []

  write(_bytes: Uint8Array, written: () => void): boolean {
    this.#written.push(written)
    return false
  }

  drain(): void {
    this.writableLength = 0
    for (const written of this.#written.splice(0)) written()
    this.emit('drain')
  }
}

let socket: FakeSocket
let gate: UploadGate
/** Readings that are under way. */
let reading: Parameters<ReadTask>[0][]
let sent: number

beforeEach(() => {
  socket = new FakeSocket()
  gate = new UploadGate(socket as never)
  reading = []
  sent = 0
})

const sends: Respond = (_error, bytes) => {
  sent += bytes?.length ?? 0
  socket.writableLength += bytes?.length ?? 0
}
/** The kernel takes everything at once. */
const sendsAtOnce: Respond = (_error, bytes) => {
  sent += bytes?.length ?? 0
}
const isDropped: Respond = () => {}

function request(count: number, respond = sends): void {
  for (let index = 0; index < count; index += 1) gate.admit(BLOCK, (done) => reading.push(done), respond)
}

function finishReading(): void {
  for (const done of reading.splice(0)) done(null, new Uint8Array(BLOCK))
}

test('a peer that does not read gets no more than its share read', () => {
  request(5000)
  expect(reading.length).toBe(ROOM)
  finishReading()
  expect(reading.length).toBe(0)
  expect(sent).toBe(ROOM * BLOCK)
})

test('a peer that reads gets everything, in the order of its requests', () => {
  const order: number[] = []
  for (let index = 0; index < 100; index += 1) {
    const task: ReadTask = (done) => {
      order.push(index)
      reading.push(done)
    }
    gate.admit(BLOCK, task, sends)
  }
  while (order.length < 100) {
    finishReading()
    socket.drain()
  }
  finishReading()
  expect(order).toEqual(Array.from({ length: 100 }, (_, index) => index))
  expect(sent).toBe(100 * BLOCK)
})

test('reading goes on without a drain when the kernel takes everything at once', () => {
  request(100, sendsAtOnce)
  while (reading.length > 0) finishReading()
  expect(sent).toBe(100 * BLOCK)
})

test('bytes that are there at once are sent in a loop, not in a recursion', () => {
  for (let index = 0; index < 20_000; index += 1) {
    gate.admit(BLOCK, (done) => done(null, new Uint8Array(0)), sendsAtOnce)
  }
  expect(reading.length).toBe(0)
})

test('requests that came to nothing make room, so a peer that was choked in between does not starve', () => {
  request(ROOM, isDropped)
  request(3)
  expect(reading.length).toBe(ROOM)
  finishReading()
  expect(reading.length).toBe(3)
})

test('nothing is read for a connection that is closed', () => {
  request(100)
  finishReading()
  socket.writable = false
  socket.emit('close')
  socket.drain()
  request(10)
  expect(reading.length).toBe(0)
})

test('memory is given back when its bytes have been handed to the network, not before', async () => {
  let released = 0
  for (let index = 0; index < 3; index += 1) {
    gate.admit(BLOCK, (done) => done(null, new Uint8Array(BLOCK), () => (released += 1)), sends)
  }
  await new Promise(setImmediate)
  expect(released).toBe(0)
  socket.drain()
  expect(released).toBe(3)
})

test('memory is given back when the connection was cut meanwhile', async () => {
  let released = 0
  gate.admit(BLOCK, (done) => done(null, new Uint8Array(BLOCK), () => (released += 1)), sends)
  socket.writable = false
  await new Promise(setImmediate)
  expect(released).toBe(1)
})
