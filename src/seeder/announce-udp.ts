/** Announces by UDP (BEP 15). */
import { randomInt } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { on, once } from 'node:events'
import type { Announce } from './announce.ts'

const CONNECT = 0
const ANNOUNCE = 1
const ERROR = 3
/** BEP 15 calls it magic. */
const PROTOCOL_ID = 0x41727101980n
const EVENTS = { started: 2, stopped: 3 } as const
/** A packet may be lost. */
const REPEAT_AFTER_MS = 3_000

export async function announceByUdp(what: Announce, signal: AbortSignal): Promise<number> {
  const { hostname, port } = new URL(what.tracker)
  const socket = createSocket('udp4')
  // Whoever waits is told of errors; one that comes while nobody waits must not end the thread.
  socket.on('error', () => {})
  try {
    socket.bind(0, what.address)
    await once(socket, 'listening', { signal })
    socket.connect(Number(port), hostname)
    await once(socket, 'connect', { signal })
    const connected = await ask(socket, connectRequest(), 16, signal)
    const announced = await ask(socket, announceRequest(what, connected.subarray(8, 16)), 20, signal)
    return announced.readUInt32BE(8)
  } finally {
    socket.close()
  }
}

/** Sends until the answer to this very request is here. @param least bytes that the answer has */
async function ask(socket: Socket, request: Buffer, least: number, signal: AbortSignal): Promise<Buffer> {
  const action = request.readUInt32BE(8)
  const transaction = request.readUInt32BE(12)
  const send = () => socket.send(request)
  const repeating = setInterval(send, REPEAT_AFTER_MS)
  try {
    send()
    for await (const [answer] of on(socket, 'message', { signal }) as AsyncIterable<[Buffer]>) {
      if (answer.length < 8 || answer.readUInt32BE(4) !== transaction) continue
      if (answer.readUInt32BE(0) === ERROR) throw new Error(`it says: ${answer.subarray(8)}`)
      if (answer.readUInt32BE(0) === action && answer.length >= least) return answer
    }
    throw new Error('it does not answer')
  } finally {
    clearInterval(repeating)
  }
}

function connectRequest(): Buffer {
  const request = Buffer.alloc(16)
  request.writeBigUInt64BE(PROTOCOL_ID, 0)
  request.writeUInt32BE(CONNECT, 8)
  request.writeUInt32BE(newTransaction(), 12)
  return request
}

function announceRequest({ infoHash, peerId, port, event }: Announce, connection: Uint8Array): Buffer {
  // What stays 0: bytes that were downloaded, are left and were uploaded, the address (the sender's), peers that are wanted.
  const request = Buffer.alloc(98)
  request.set(connection, 0)
  request.writeUInt32BE(ANNOUNCE, 8)
  request.writeUInt32BE(newTransaction(), 12)
  request.set(Buffer.from(infoHash, 'hex'), 16)
  request.set(Buffer.from(peerId, 'hex'), 36)
  request.writeUInt32BE(event === undefined ? 0 : EVENTS[event], 80)
  request.set(Buffer.from(peerId, 'hex').subarray(16, 20), 88)
  request.writeUInt16BE(port, 96)
  return request
}

function newTransaction(): number {
  return randomInt(2 ** 32)
}
