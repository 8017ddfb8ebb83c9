/**
 * A room with its status API and its web page on the loopback address, in which the test says what happens: the real table
 * of machines, the real board, HTTP server and page, with a clock that moves only when told.
 */
import { createBootFiles } from '../../src/boot-files.ts'
import { createHttpServer } from '../../src/http/index.ts'
import { createMachines, type Machines } from '../../src/machines/index.ts'
import { createStatusApi } from '../../src/status/api.ts'
import type { FeedLimits } from '../../src/status/feed.ts'
import { createStatusBoard, type StatusBoard } from '../../src/status/index.ts'
import { webPageRoutes } from '../../src/web/index.ts'

export interface ShownRoom extends AsyncDisposable {
  readonly machines: Machines
  readonly board: StatusBoard
  /** As `http://127.0.0.1:40001`. */
  readonly url: string
  readonly token: string
  /** MAC addresses that were asked to be woken. */
  readonly woken: string[]
  now(): number
  /** Lets so many seconds pass and shows what changed. */
  pass(seconds: number): void
}

export interface ShownRoomOptions {
  readonly address?: string
  readonly reload?: (() => Promise<void>) | undefined
  readonly limits?: Partial<FeedLimits>
  /** With its page, which has to be built; true when left out. */
  readonly withPage?: boolean
}

export const serverAddress = '192.168.1.1'

export async function openShownRoom(options: ShownRoomOptions = {}): Promise<ShownRoom> {
  const { reload, limits, withPage = true, address = '127.0.0.1' } = options
  let time = Date.UTC(2026, 10, 26, 9, 0, 0)
  const now = () => time
  const machines = createMachines({ now })
  const board = createStatusBoard({
    machines,
    server: { program: '0.1.0', interface: 'eth0', address: serverAddress },
    actions: reload === undefined ? ['wake'] : ['wake', 'reload'],
    now,
  })
  const token = 'a'.repeat(32)
  const woken: string[] = []
  const wake = async (macs: readonly string[]) => void woken.push(...macs)
  const api = createStatusApi({ board, token, actions: { wake, reload }, limits })
  const page = withPage ? await webPageRoutes() : []
  const http = createHttpServer({ address, port: 0, files: createBootFiles([]), routes: [...api.routes, ...page] })
  await http.start()
  return {
    machines,
    board,
    url: `http://${address}:${http.port}`,
    token,
    woken,
    now,
    pass(seconds) {
      time += seconds * 1000
      board.tick()
    },
    async [Symbol.asyncDispose]() {
      api.close()
      await http.close()
    },
  }
}
