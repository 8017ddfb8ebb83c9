/** The status API and the web page on the HTTP server of a room. */

import type { ServedInterface } from './environment/index.ts'
import { placeText } from './environment/problems.ts'
import { BoottorrentError } from './errors.ts'
import type { Route } from './http/index.ts'
import type { Reload } from './live-environment.ts'
import type { Log } from './log.ts'
import { createStatusApi } from './status/api.ts'
import { makeToken } from './status/guard.ts'
import type { StatusBoard } from './status/index.ts'
import { wake } from './wake/index.ts'
import { webPageRoutes } from './web/index.ts'

export interface RoomPageOptions {
  readonly board: StatusBoard
  /** The interfaces that are served, as they are now. */
  readonly served: () => readonly ServedInterface[]
  readonly reload: () => Promise<Reload>
  readonly log: Log
}

export interface RoomPage {
  readonly routes: readonly Route[]
  /** Tells where the page is and what actions on it need. */
  announce(httpPort: number): void
  /** Ends the streams of those who look on. */
  close(): void
}

/** Makes both. Without its page, which only a checkout that was not built lacks, the API is there all the same. */
export async function createRoomPage({ board, served, reload, log }: RoomPageOptions): Promise<RoomPage> {
  const token = makeToken()
  // Where a machine is that sleeps, nobody knows: it is called everywhere.
  const wakeAll = async (macs: readonly string[]) => {
    for (const one of served()) await wake(macs, one)
  }
  const actions = { wake: wakeAll, reload: async () => check(await reload()) }
  const api = createStatusApi({ board, token, actions })
  const page = await webPageRoutes().catch((error: Error) => {
    log({ level: 'warn', event: 'web.missing', message: `There is no web page: ${error.message}` })
    return []
  })
  return {
    routes: [...api.routes, ...page],
    announce(httpPort) {
      const url = `http://${served()[0]?.address}:${httpPort}/`
      // Behind # it is for the browser alone, and never sent.
      const message = `the room is shown on ${url} (to wake machines from there: ${url}#token=${token})`
      log({ level: 'info', event: 'web.ready', message, url, token })
    },
    close: () => api.close(),
  }
}

/** @throws BoottorrentError CONFIGURATION when the environment cannot be served as it is */
function check({ ok, problems: [first] }: Reload): void {
  if (ok || first === undefined) return
  const place = placeText(first)
  throw new BoottorrentError('CONFIGURATION', `${place}: ${first.message}.`, { hint: first.hint })
}
