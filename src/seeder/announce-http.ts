/** Announces by HTTP (BEP 3). */
import bencode from 'bencode'
import type { Announce } from './announce.ts'

/** An answer without peers has some hundred bytes. */
const LONGEST_ANSWER = 64 * 1024

export async function announceByHttp(what: Announce, signal: AbortSignal): Promise<number> {
  const answer = await fetch(urlOf(what), { signal })
  const bytes = await readBounded(answer)
  if (answer.status !== 200) throw new Error(`HTTP status ${answer.status}`)
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

async function readBounded({ body }: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body ?? []) {
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
