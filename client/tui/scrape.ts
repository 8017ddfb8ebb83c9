import { getText, parseUrl } from './http.ts'
import type { System, Timer } from './system.ts'

/** Milliseconds. */
const TIMEOUT = 2000
/** Bytes of an answer, which is about one torrent. A tracker may be anybody's. */
const LIMIT = 64 * 1024
/** How long the others may take when one has told. A tracker that is dead must not hold up every machine. */
const PATIENCE = 200

/**
 * Asks trackers how many machines of a swarm do not have everything yet (BEP 48).
 *
 * @param announceUrls of the torrent; only HTTP trackers can be asked
 * @param infoHash 40 hexadecimal digits
 * @returns the largest count, for each tracker may know only some machines; undefined when none tells
 */
export function countWaiting(
  system: System,
  announceUrls: readonly string[],
  infoHash: string,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const counts: number[] = []
    let silent = announceUrls.length
    let impatience: Timer | undefined
    const finish = () => {
      impatience?.cancel()
      resolve(counts.length > 0 ? Math.max(...counts) : undefined)
    }
    if (silent === 0) finish()
    for (const url of announceUrls) {
      const asked = scrape(system, url, infoHash).catch(() => undefined)
      void asked.then((count) => {
        silent -= 1
        if (count !== undefined) counts.push(count)
        if (silent === 0) finish()
        else if (count !== undefined) impatience ??= system.after(PATIENCE, finish)
      })
    }
  })
}

async function scrape(system: System, announceUrl: string, infoHash: string): Promise<number | undefined> {
  const url = parseUrl(scrapeUrl(announceUrl) ?? '')
  if (!url) return undefined
  const path = `${url.path}?info_hash=${infoHash.replace(/../g, '%$&')}`
  const { address, port } = url
  const answer = await getText(system, { address, port, path, timeout: TIMEOUT, limit: LIMIT })
  const complete = bencodedNumber(answer, 'complete')
  // Who asks has everything: a tracker that counts nobody who has does not know this swarm.
  return complete === undefined || complete === 0 ? undefined : bencodedNumber(answer, 'incomplete')
}

/** BEP 48: the last part of the path must begin with `announce`, and `scrape` takes its place. */
function scrapeUrl(announceUrl: string): string | undefined {
  const slash = announceUrl.lastIndexOf('/')
  const last = announceUrl.slice(slash + 1)
  if (!last.startsWith('announce')) return undefined
  return `${announceUrl.slice(0, slash + 1)}scrape${last.slice('announce'.length)}`
}

/** One number of an answer that is about one torrent. Binary keys in it may be damaged by their way through a text. */
function bencodedNumber(text: string, key: string): number | undefined {
  const found = new RegExp(`${key.length}:${key}i(\\d{1,9})e`).exec(text)
  return found ? Number(found[1]) : undefined
}
