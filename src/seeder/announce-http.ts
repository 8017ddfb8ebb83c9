/** Announces by HTTP (BEP 3). */
import { once } from 'node:events'
import { get as getByHttp, type IncomingMessage } from 'node:http'
import { get as getByHttps } from 'node:https'
import bencode from 'bencode'
import { announceRequestUrl } from '../announce-query.ts'
import type { Announce } from './announce.ts'

/** An answer without peers has some hundred bytes. */
const LONGEST_ANSWER = 64 * 1024

export async function announceByHttp(what: Announce, signal: AbortSignal): Promise<number> {
  const { tracker, infoHash, peerId, port, event } = what
  const nothing = { uploaded: 0, downloaded: 0, left: 0, wanted: 0 }
  const url = new URL(announceRequestUrl(tracker, { infoHash, peerId, port, event, ...nothing }))
  const get = url.protocol === 'https:' ? getByHttps : getByHttp
  const request = get(url, { localAddress: what.address, agent: false, signal })
  // Whoever waits is told of errors; one that comes while nobody waits must not end the thread.
  request.on('error', () => {})
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  const bytes = await readBounded(answer)
  if (answer.statusCode !== 200) throw new Error(`HTTP status ${answer.statusCode}`)
  return readInterval(bencode.decode(bytes))
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
