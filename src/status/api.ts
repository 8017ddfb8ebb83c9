/** The status API: who may look may see everything, who has the token may act. Described in docs/status-api.md. */
import { hostname } from 'node:os'
import { BoottorrentError } from '../errors.ts'
import type { Exchange, Route } from '../http/index.ts'
import { Feed, type FeedLimits } from './feed.ts'
import { hasToken, objectionTo } from './guard.ts'
import type { StatusBoard } from './index.ts'

export interface StatusApiOptions {
  readonly board: StatusBoard
  /** What actions need, as {@link makeToken} makes it. */
  readonly token: string
  readonly actions: StatusActions
  readonly limits?: Partial<FeedLimits> | undefined
}

/** What the API can be asked to do. */
export interface StatusActions {
  /** Wakes these machines, by MAC address. */
  readonly wake?: ((macs: readonly string[]) => Promise<void>) | undefined
  /** Reads the environment again. Fails with a BoottorrentError that says what is wrong with it. */
  readonly reload?: (() => Promise<void>) | undefined
}

export interface StatusApi {
  readonly routes: readonly Route[]
  /** Ends the streams of events. */
  close(): void
}

/** Bytes of what is posted: a thousand MAC addresses and some. */
const BODY_LIMIT = 32 * 1024
const MACHINES_LIMIT = 1024

/** Nothing of it is kept by a browser, guessed to be something else, or shown inside another page. */
export const guardedHeaders = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const

const jsonHeaders = { ...guardedHeaders, 'Content-Type': 'application/json' } as const

export function createStatusApi({ board, token, actions, limits }: StatusApiOptions): StatusApi {
  const feed = new Feed(board, limits)

  function routeOf(method: 'GET' | 'POST', path: string, answer: (exchange: Exchange) => Promise<void>): Route {
    return { method, path, handle: guarded(answer) }
  }

  async function sendStatus(exchange: Exchange): Promise<void> {
    await reply(exchange, 200, board.snapshot())
  }

  async function sendMachine(exchange: Exchange): Promise<void> {
    const mac = exchange.query.get('mac')?.toLowerCase() ?? ''
    const machine = board.machine(mac)
    if (machine === undefined) return refuse(exchange, 404, 'No machine with this MAC address is known (?mac=…).')
    await reply(exchange, 200, machine)
  }

  async function sendEvents(exchange: Exchange): Promise<void> {
    const { request, response, remote, over } = exchange
    if (!feed.hasRoomFor(remote.address)) return refuse(exchange, 503, 'Too many browsers look on already.')
    response.writeHead(200, { ...guardedHeaders, 'Content-Type': 'text/event-stream', Connection: 'close' })
    if (request.method === 'HEAD') return
    await feed.serve({ address: remote.address, over, write: (text) => exchange.write(text) })
  }

  /** Acts for who has the token, and tells in the room's events that it was done. */
  async function act(exchange: Exchange, action: (() => Promise<string>) | undefined): Promise<void> {
    if (action === undefined) return refuse(exchange, 501, 'This server does not offer that.')
    try {
      await reply(exchange, 200, { ok: true, message: await action() })
    } catch (error) {
      if (!(error instanceof BoottorrentError)) throw error
      const { code, message, hint } = error
      await reply(exchange, 409, { ok: false, code, message, hint: hint ?? null })
    }
  }

  function needsToken(answer: (exchange: Exchange) => Promise<void>): (exchange: Exchange) => Promise<void> {
    return async (exchange) => {
      if (hasToken(exchange.request.headers, token)) return answer(exchange)
      exchange.response.setHeader('WWW-Authenticate', 'Bearer')
      refuse(exchange, 401, 'This needs the token that boottorrent printed at its start.')
    }
  }

  async function wake(exchange: Exchange): Promise<void> {
    const body = await exchange.readText(BODY_LIMIT)
    if (body === undefined) return
    const macs = parseMacs(body)
    if (typeof macs === 'string') return refuse(exchange, 400, macs)
    const action = actions.wake
    await act(
      exchange,
      action &&
        (async () => {
          await action(macs)
          for (const mac of macs) board.note('wake', 'Woken by Wake-on-LAN', mac)
          return `${macs.length} woken`
        }),
    )
  }

  async function reload(exchange: Exchange): Promise<void> {
    const action = actions.reload
    await act(
      exchange,
      action &&
        (async () => {
          await action()
          board.note('reload', 'The environment was read again')
          return 'The environment was read again'
        }),
    )
  }

  return {
    routes: [
      routeOf('GET', '/api/status', sendStatus),
      routeOf('GET', '/api/machine', sendMachine),
      routeOf('GET', '/api/events', sendEvents),
      routeOf('POST', '/api/wake', needsToken(wake)),
      routeOf('POST', '/api/reload', needsToken(reload)),
    ],
    close: () => feed.close(),
  }
}

/** Answers nobody but browsers that were opened on this very server, and programs. */
export function guarded(answer: (exchange: Exchange) => Promise<void>): (exchange: Exchange) => Promise<void> {
  const own = hostname().toLowerCase()
  const names = [own, `${own}.local`]
  return async (exchange) => {
    const objection = objectionTo(exchange.request.headers, names)
    if (objection === undefined) return answer(exchange)
    refuse(exchange, 403, objection)
  }
}

function refuse(exchange: Exchange, status: number, sentence: string): void {
  exchange.refuse(status, sentence, guardedHeaders)
}

function reply(exchange: Exchange, status: number, value: object): Promise<void> {
  return exchange.reply(status, jsonHeaders, JSON.stringify(value))
}

/** `{ "machines": ["52:54:00:12:34:56"] }`. A text is what is wrong with it. */
function parseMacs(body: string): string[] | string {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return 'The body is not JSON.'
  }
  const machines = (value as { machines?: unknown } | null)?.machines
  if (!Array.isArray(machines)) return 'machines is not a list of MAC addresses.'
  if (machines.length > MACHINES_LIMIT) return `machines has more than ${MACHINES_LIMIT} entries.`
  const isMac = (mac: unknown) => typeof mac === 'string' && /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac)
  if (!machines.every(isMac)) return 'machines has an entry that is no MAC address like 52:54:00:12:34:56.'
  return (machines as string[]).map((mac) => mac.toLowerCase())
}
