/** The socket on port 69: takes requests, refuses what cannot be served, and hands the rest to the host of the transfers. */

import { createSocket, type Socket } from 'node:dgram'
import { EventEmitter, once } from 'node:events'
import { isIPv6 } from 'node:net'
import { availableParallelism } from 'node:os'
import { bindError } from '../bind-error.ts'
import type { BootFile } from '../boot-files.ts'
import { Complaints } from '../complaints.ts'
import { Lifecycle } from '../lifecycle.ts'
import { type Log, printable, silent } from '../log.ts'
import { requirePortNumber } from '../port-number.ts'
import { largestBlock } from './block-size.ts'
import type { Remote } from './channel-server.ts'
import { LocalHost } from './host.ts'
import type {
  AbortReason,
  RefusalReason,
  TftpCounters,
  TftpLimits,
  TftpServer,
  TftpServerEvents,
  TftpServerOptions,
} from './index.ts'
import type { HostReport, TransferEnd, TransferHost } from './messages.ts'
import { decodePacket, ErrorCode, encodePacket, type RequestPacket } from './packet.ts'
import { type Place, Places } from './places.ts'
import { reportTransfer } from './reports.ts'
import { ThreadedHost } from './threads.ts'

const PORT = 69

const defaults: Omit<TftpLimits, 'blockSize'> = {
  windowSize: 64,
  threads: Math.min(4, availableParallelism()),
  transfers: 256,
  transfersPerClient: 16,
  cache: 128 * 1024 * 1024,
  firstTimeout: 400,
  longestTimeout: 5000,
  repetitions: 7,
}

export class TftpSocketServer extends EventEmitter<TftpServerEvents> implements TftpServer {
  readonly #options: TftpServerOptions
  readonly #limits: Omit<TftpLimits, 'blockSize'>
  readonly #log: Log
  readonly #now: () => number
  readonly #complaints: Complaints
  readonly #places: Places
  readonly #counters = { malformed: 0, strangers: 0 }
  readonly #lifecycle = new Lifecycle(
    () => this.#open(),
    () => this.#shut(),
  )
  #socket: Socket | undefined
  #host: TransferHost | undefined

  constructor(options: TftpServerOptions) {
    super()
    this.#options = options
    this.#limits = { ...defaults, ...options.limits }
    this.#places = new Places(this.#limits)
    this.#log = options.log ?? silent
    this.#now = options.clock ?? (() => performance.now())
    this.#complaints = new Complaints(this.#log, this.#now)
  }

  get port(): number {
    return this.#socket?.address().port ?? this.#options.port ?? PORT
  }

  get transfers(): number {
    return this.#places.size
  }

  get counters(): TftpCounters {
    return this.#counters
  }

  start(): Promise<void> {
    return this.#lifecycle.start()
  }

  close(): Promise<void> {
    return this.#lifecycle.close()
  }

  async #open(): Promise<void> {
    const { address, port = PORT } = this.#options
    requirePortNumber(port, 'TFTP')
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
    try {
      socket.bind(port, address)
      await once(socket, 'listening')
    } catch (error) {
      socket.close()
      throw bindError(error, 'TFTP', address, port)
    }
    socket.on('error', (error) => this.#socketError(error))
    try {
      // A whole classroom may ask at once.
      socket.setRecvBufferSize(1024 * 1024)
      this.#host = await this.#startHost()
    } catch (error) {
      socket.close()
      throw error
    }
    socket.on('message', (bytes, sender) => this.#receive(bytes, { address: sender.address, port: sender.port }))
    this.#socket = socket
    const served = this.port
    this.#log({
      level: 'info',
      event: 'tftp.listening',
      message: `TFTP on ${address}:${served}`,
      address,
      port: served,
    })
  }

  async #shut(): Promise<void> {
    const socket = this.#socket
    if (socket === undefined) return
    this.#socket = undefined
    await Promise.all([new Promise<void>((resolve) => socket.close(resolve)), this.#host?.close()])
    this.#places.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #startHost(): Promise<TransferHost> {
    const { address, limits } = this.#options
    const { windowSize, cache, threads, firstTimeout, longestTimeout, repetitions } = this.#limits
    const settings = {
      address,
      blockSize: limits?.blockSize ?? (await largestBlock(address)),
      windowSize,
      cache,
      patience: { first: firstTimeout, longest: longestTimeout, repetitions },
    }
    const report = (news: HostReport) => this.#hear(news)
    const local = new LocalHost(settings, report, this.#now)
    if (threads > 0) {
      const threaded = new ThreadedHost({ count: threads, settings, report, log: this.#log, standIn: local })
      try {
        await threaded.start()
        return threaded
      } catch (error) {
        // Threads make it faster; it works without.
        const message = `TFTP goes without threads of its own: ${(error as Error).message}`
        this.#log({ level: 'warn', event: 'tftp.no-threads', message })
      }
    }
    return local
  }

  #receive(bytes: Buffer, remote: Remote): void {
    // Port 0 cannot be answered.
    const packet = remote.port === 0 ? undefined : decodePacket(bytes)
    if (packet?.kind === 'RRQ') this.#read(packet, bytes, remote)
    else if (packet?.kind === 'WRQ') {
      this.#refuse(remote, packet.file, 'read-only', ErrorCode.accessViolation, 'This server is read-only')
    } else {
      this.#counters.malformed += 1
      this.#complaints.once(`malformed ${remote.address}`, {
        level: 'debug',
        event: 'tftp.malformed',
        message: `${remote.address} sends packets to the TFTP port that are no requests; they are ignored`,
        remote: remote.address,
      })
    }
  }

  #read(request: RequestPacket, bytes: Buffer, remote: Remote): void {
    if (request.mode !== 'octet') {
      this.#refuse(remote, request.file, 'mode', ErrorCode.undefined, 'Only octet mode is served')
      return
    }
    let file: BootFile | undefined
    try {
      file = this.#options.files.get(request.file)
    } catch (error) {
      // A caller's table that throws must not end the server.
      this.#unreadable({ remote, file: request.file }, (error as Error).message)
      return
    }
    if (file === undefined) {
      this.#refuse(remote, request.file, 'not-found', ErrorCode.fileNotFound, 'File not found')
      return
    }
    const former = this.#places.newestOf(remote)
    if (former !== undefined && !former.leaving) {
      if (former.request.equals(bytes)) {
        // A second transfer would only confuse, and the end of the first one would lose the file.
        this.#host?.post({ request: 'repeated', id: former.id })
        return
      }
      this.#abort(former, 'asked-anew', 'a new request from the same port')
    }
    const leaver = this.#places.giveWay(remote.address)
    if (leaver === 'busy') {
      this.#refuse(remote, request.file, 'busy')
      return
    }
    if (leaver === 'over-limit') {
      this.#refuse(remote, request.file, 'over-limit', ErrorCode.undefined, 'Too many transfers')
      return
    }
    if (leaver !== undefined) this.#abort(leaver, 'crowded-out', 'too many transfers')
    const { id } = this.#places.add(remote, request.file, bytes)
    this.#host?.post({ request: 'open', id, remote, file, options: request.options })
  }

  /** What the host tells of a transfer. */
  #hear(news: HostReport): void {
    const place = this.#places.get(news.id)
    if (news.report === 'stranger') this.#stranger(news.remote)
    if (place === undefined) return
    switch (news.report) {
      case 'start':
        place.facts = news.facts
        this.emit('start', news.facts)
        break
      case 'confirmed':
        place.confirmed = true
        break
      case 'stalled':
        if (place.facts) reportTransfer(this, this.#log, place.facts, news.progress, { kind: 'stalled' })
        break
      case 'end':
        this.#places.remove(place)
        if (place.facts) reportTransfer(this, this.#log, place.facts, news.progress, news.end)
        if (hasStartedOver(place, news.end) && this.#socket !== undefined) this.#receive(place.request, place.remote)
        break
      case 'unreadable':
        this.#places.remove(place)
        this.#unreadable(place, news.message)
        break
    }
  }

  #abort(place: Place, reason: AbortReason, detail: string): void {
    place.leaving = true
    this.#host?.post({ request: 'abort', id: place.id, reason, detail })
  }

  #refuse(remote: Remote, name: string, reason: RefusalReason, code?: number, message?: string): void {
    if (code !== undefined && message !== undefined) {
      this.#socket?.send(encodePacket({ kind: 'ERROR', code, message }), remote.port, remote.address)
    }
    const file = printable(name)
    this.#complaints.once(`refused ${remote.address} ${reason} ${file}`, {
      level: reason === 'not-found' ? 'debug' : 'warn',
      event: 'tftp.refused',
      message: `${remote.address} asked for ${file}: ${refusals[reason]}`,
      remote: remote.address,
      file,
      reason,
    })
    this.emit('refused', { remote, file, reason })
  }

  #unreadable({ remote, file }: Pick<Place, 'remote' | 'file'>, message: string): void {
    const name = printable(file)
    this.#complaints.once(`unreadable ${name} ${message}`, {
      level: 'error',
      event: 'tftp.unreadable',
      message,
      file: name,
    })
    this.#refuse(remote, file, 'unreadable', ErrorCode.undefined, 'The file cannot be read')
  }

  #stranger(stranger: Remote): void {
    this.#counters.strangers += 1
    this.#complaints.once(`stranger ${stranger.address}`, {
      level: 'debug',
      event: 'tftp.stranger',
      message: `${stranger.address} sends packets to a transfer that is not its own; it was told so`,
      remote: stranger.address,
    })
  }

  #socketError(error: Error): void {
    const message = `the TFTP socket reports: ${error.message}`
    this.#complaints.once(`socket ${error.message}`, { level: 'warn', event: 'tftp.socket', message })
  }
}

/** Whether it ended because its own request came once more, which is then still to be answered. */
function hasStartedOver(place: Place, end: TransferEnd): boolean {
  return end.kind === 'aborted' && end.reason === 'asked-anew' && !place.leaving
}

const refusals: { readonly [reason in RefusalReason]: string } = {
  'not-found': 'there is no such boot file',
  'read-only': 'it wanted to write, but this server is read-only',
  mode: 'only octet mode is served',
  unreadable: 'the file cannot be read',
  'over-limit': 'this client has as many transfers as it may have',
  busy: 'too many transfers at the moment',
}
