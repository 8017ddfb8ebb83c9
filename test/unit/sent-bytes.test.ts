import { EventEmitter } from 'node:events'
import { beforeEach, expect, it } from 'vitest'
import type { Seeder } from '../../src/seeder/index.ts'
import { watchSentBytes } from '../../src/sent-bytes.ts'

const infoHash = 'a'.repeat(40)
const peer = '192.0.2.7:41234'

let seeder: Seeder
let sent: [address: string, bytes: number][]

beforeEach(() => {
  seeder = new EventEmitter() as Seeder
  sent = []
  watchSentBytes(seeder, (address, bytes) => sent.push([address, bytes]))
})

function traffic(...uploaded: number[]) {
  const connections = uploaded.map((bytes, index) => ({
    infoHash,
    peer: `192.0.2.${index + 7}:41234`,
    uploaded: bytes,
  }))
  seeder.emit('traffic', connections)
}

it('each byte counts once, while it flows and when the connection ends', () => {
  traffic(100, 50)
  traffic(250, 50)
  seeder.emit('disconnect', { infoHash, peer, uploaded: 300 })
  expect(sent).toEqual([
    ['192.0.2.7', 100],
    ['192.0.2.8', 50],
    ['192.0.2.7', 150],
    ['192.0.2.7', 50],
  ])
})

it('a connection that came and went between two looks counts too, and a new one from the same port begins at zero', () => {
  seeder.emit('disconnect', { infoHash, peer, uploaded: 300 })
  traffic(40)
  expect(sent).toEqual([
    ['192.0.2.7', 300],
    ['192.0.2.7', 40],
  ])
})

it('after a crash the new thread counts from zero', () => {
  traffic(100)
  seeder.emit('crash', { error: new Error('gone'), retryInMs: 1 })
  traffic(30)
  expect(sent.map(([, bytes]) => bytes)).toEqual([100, 30])
})
