/** Announces by HTTP (BEP 3). */
import { once } from 'node:events'
import { get as getByHttp, type IncomingMessage } from 'node:http'
import { get as getByHttps } from 'node:https'
import bencode from 'bencode'
import type { Announce } from './announce.ts'

/** An answer without peers has some hundred bytes. */
const LONGEST_ANSWER = 64 * 1024

export async function announceByHttp(what: Announce, signal: AbortSignal): Promise<number> {
  const url = new URL(urlOf(what))
  const get = url.protocol === 'https:' ? getByHttps : getByHttp
  const request = get(url, { localAddress: what.address, agent: false, signal })
  // Whoever waits is told of errors; one that comes while nobody waits must not end the thread.
  request.on('error', () => {})
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  const bytes = await readBounded(answer)
  if (answer.statusCode !== 200) throw new Error(`HTTP status ${answer.statusCode}`)
  return readInterval(bencode.decode(bytes))
}

function urlOf({ tracker, infoHash, peerId, port, event }: Announce): string {
  const numbers = { port, uploaded: 0, downloaded: 0, left: 0, compact: 1, numwant: 0 }
  const words = Object.entries(numbers).map(([name, value]) => `${name}=${value}`)
  // Bytes, not text: each is escaped for itself.
  words.push(`info_hash=${escaped(infoHash)}`, `peer_id=${escaped(peerId)}`)
  if (event !== undefined) words.push(`event=${event}`)
  return `${tracker}${tracker.includes('?') ? '&' : '?'}${words.join('&')}`
}

function escaped(hexadecimal: string): string {
  return hexadecimal.replaceAll(/../g, '%$&')
}

async function readBounded(answer: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of answer) {
    length += chunk.length
    if (length > LONGEST_ANSWER) throw new Error('its answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function readInterval(answer: unknown): number {
  const { 'failure reason': refusal, interval } = Object(answer) as { [key: string]: unknown }
  if (refusal instanceof Uint8Array) throw new Error(`it says: ${Buffer.from(refusal)}`)
  if (!Number.isFinite(interval)) throw new Error('its answer is none of a tracker')
  return interval as number
}
