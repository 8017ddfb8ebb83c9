/** What another boottorrent serves, asked by HTTP. */
import { BoottorrentError } from '../errors.ts'
import { type DecodedMetainfo, decodeMetainfo } from '../seeder/index.ts'

/** A system as its host serves it. */
export interface HostedSystem {
  /** Folder name. */
  readonly name: string
  /** The bytes of its .torrent file, with the trackers of the host. */
  readonly torrent: Uint8Array
  readonly metainfo: DecodedMetainfo
}

const TIMEOUT_MS = 10_000
/** A torrent of a million pieces has 20 MB. */
const LONGEST_ANSWER = 32 * 1024 * 1024
const DEFAULT_PORT = '8000'

/**
 * The URL of a host, from what somebody types: `192.0.2.1`, `192.0.2.1:8000`, `http://192.0.2.1:8000`.
 *
 * @throws BoottorrentError USAGE
 */
export function hostUrl(text: string): URL {
  const whole = text.includes('://') ? text : `http://${text}`
  const url = URL.parse(whole)
  if (url?.protocol !== 'http:' || url.hostname === '') {
    throw new BoottorrentError('USAGE', `"${text}" is no address of a host.`, {
      hint: 'Write it like 192.168.1.1 or http://192.168.1.1:8000: what "boottorrent start" prints there.',
    })
  }
  // URL leaves out the port that is usual for HTTP, whether it was written or not.
  if (url.port === '' && !/:80(?:\/|$)/.test(text)) url.port = DEFAULT_PORT
  return url
}

/** What there is now, as a text to be compared with a later one. @throws BoottorrentError UNREACHABLE */
export async function fetchOverview(host: URL, signal?: AbortSignal): Promise<string> {
  return Buffer.from(await get(new URL('/client.json', host), signal)).toString()
}

/**
 * The systems of an overview, with their torrents.
 *
 * @throws BoottorrentError UNREACHABLE, FORMAT
 */
export async function fetchSystems(host: URL, overview: string, signal?: AbortSignal): Promise<HostedSystem[]> {
  const systems: HostedSystem[] = []
  for (const name of namesIn(overview, host)) {
    const torrent = await get(new URL(`/torrents/${encodeURIComponent(name)}.torrent`, host), signal)
    const metainfo = decodeMetainfo(torrent)
    if (metainfo.name !== name) throw noBoottorrent(host)
    systems.push({ name, torrent, metainfo })
  }
  return systems
}

function namesIn(overview: string, host: URL): string[] {
  try {
    const { oss } = JSON.parse(overview) as { oss: { name: unknown }[] }
    return oss.map(({ name }) => {
      if (typeof name !== 'string') throw new TypeError('no name')
      return name
    })
  } catch {
    throw noBoottorrent(host)
  }
}

async function get(url: URL, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const limits = [AbortSignal.timeout(TIMEOUT_MS), ...(signal ? [signal] : [])]
  let answer: Response
  try {
    answer = await fetch(url, { signal: AbortSignal.any(limits), redirect: 'error' })
    if (answer.ok) return await readUpTo(answer, LONGEST_ANSWER)
  } catch (cause) {
    signal?.throwIfAborted()
    throw new BoottorrentError('UNREACHABLE', `${url.host} does not answer.`, {
      hint: 'Look whether "boottorrent start" runs there, and whether its port for HTTP (8000) is open in its firewall.',
      cause,
    })
  }
  throw noBoottorrent(url)
}

async function readUpTo(answer: Response, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of answer.body ?? []) {
    length += part.length
    if (length > limit) throw new Error(`an answer of more than ${limit} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function noBoottorrent(host: URL): BoottorrentError {
  return new BoottorrentError('UNREACHABLE', `${host.host} does not answer like a boottorrent of this version.`, {
    hint: 'Use the address that "boottorrent start" prints there, and the same version on both computers.',
  })
}
