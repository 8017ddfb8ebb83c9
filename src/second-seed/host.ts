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

/** Which systems there are now. @throws BoottorrentError UNREACHABLE */
export async function fetchOverview(host: URL, signal?: AbortSignal): Promise<string> {
  return Buffer.from(await get(new URL('/client.json', host), signal)).toString()
}

/**
 * A text that is another one when the host serves something else, or has it announced elsewhere: of the trackers only the
 * torrents tell.
 *
 * @throws BoottorrentError UNREACHABLE, FORMAT
 */
export async function fetchVersion(host: URL, overview: string, signal?: AbortSignal): Promise<string> {
  const parts = [overview]
  for (const name of namesIn(overview, host)) {
    parts.push(await ask('HEAD', torrentUrl(host, name), signal, ({ headers }) => headers.get('etag') ?? ''))
  }
  return parts.join('\n')
}

/**
 * The systems of an overview, with their torrents.
 *
 * @throws BoottorrentError UNREACHABLE, FORMAT
 */
export async function fetchSystems(host: URL, overview: string, signal?: AbortSignal): Promise<HostedSystem[]> {
  const systems: HostedSystem[] = []
  for (const name of namesIn(overview, host)) {
    const torrent = await get(torrentUrl(host, name), signal)
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

function torrentUrl(host: URL, name: string): URL {
  return new URL(`/torrents/${encodeURIComponent(name)}.torrent`, host)
}

function get(url: URL, signal: AbortSignal | undefined): Promise<Uint8Array> {
  return ask('GET', url, signal, (answer) => readUpTo(answer, LONGEST_ANSWER))
}

async function ask<T>(
  method: 'GET' | 'HEAD',
  url: URL,
  signal: AbortSignal | undefined,
  read: (answer: Response) => T | Promise<T>,
): Promise<T> {
  const limits = [AbortSignal.timeout(TIMEOUT_MS), ...(signal ? [signal] : [])]
  let answer: Response
  try {
    answer = await fetch(url, { method, signal: AbortSignal.any(limits), redirect: 'error' })
    if (answer.ok) return await read(answer)
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
