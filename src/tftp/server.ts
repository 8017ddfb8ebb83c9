/** The socket on port 69: takes requests, and gives each one a session of its own. */
import { createSocket, type Socket } from 'node:dgram'
import { EventEmitter, once } from 'node:events'
import { isIPv6 } from 'node:net'
import type { BootFile } from '../boot-files.ts'
import { BoottorrentError } from '../errors.ts'
import { type Log, printable, silent } from '../log.ts'
import { largestBlock } from './block-size.ts'
import { type Channel, openChannel, type Remote } from './channel-server.ts'
import { ChunkCache } from './chunk-cache.ts'
import { Complaints } from './complaints.ts'
import { openContent } from './content.ts'
import type { RefusalReason, TftpLimits, TftpServer, TftpServerEvents, TftpServerOptions } from './index.ts'
import { type Agreement, agree } from './options.ts'
import { decodePacket, ErrorCode, encodePacket, type RequestPacket } from './packet.ts'
import { reportSession } from './reports.ts'
import { Session } from './session.ts'
import { createTransfer, type Patience } from './transfer.ts'

const defaults: Omit<TftpLimits, 'blockSize'> = {
  windowSize: 64,
  transfers: 256,
  transfersPerClient: 16,
  cache: 128 * 1024 * 1024,
  firstTimeout: 400,
  longestTimeout: 5000,
  repetitions: 7,
}

/** With a timeout that the client chose, up to 255 s, fewer repetitions are enough. */
const CHOSEN_TIMEOUT_REPETITIONS = 5

/** One place in the server: a session, or what will be one when its file and its sockets are open. */
interface Place {
  readonly address: string
  /** The request's bytes: the same ones again are a repetition, others a new request. */
  readonly request: Buffer
  session?: Session
}

export class TftpSocketServer extends EventEmitter<TftpServerEvents> implements TftpServer {
  readonly #options: TftpServerOptions
  readonly #limits: Omit<TftpLimits, 'blockSize'>
  readonly #log: Log
  readonly #now: () => number
  readonly #cache: ChunkCache
  readonly #complaints: Complaints
  /** By `address port` of the client, oldest first. */
  readonly #places = new Map<string, Place>()
  readonly #counters = { malformed: 0, strangers: 0 }
  #blockSize = 512
  #socket: Socket | undefined
  #sweep: NodeJS.Timeout | undefined

  constructor(options: TftpServerOptions) {
    super()
    this.#options = options
    this.#limits = { ...defaults, ...options.limits }
    this.#log = options.log ?? silent
    this.#now = options.clock ?? (() => performance.now())
    this.#cache = new ChunkCache(this.#limits.cache)
    this.#complaints = new Complaints(this.#log, this.#now)
  }

  get port(): number {
    return this.#socket?.address().port ?? this.#options.port ?? 69
  }

  get transfers(): number {
    return this.#places.size
  }

  get counters(): { readonly malformed: number; readonly strangers: number } {
    return this.#counters
  }

  async start(): Promise<void> {
    const { address, limits } = this.#options
    const port = this.#options.port ?? 69
    this.#blockSize = limits?.blockSize ?? (await largestBlock(address))
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
    try {
      socket.bind(port, address)
      await once(socket, 'listening')
    } catch (error) {
      socket.close()
      throw bindError(error as NodeJS.ErrnoException, address, port)
    }
    // A whole classroom may ask at once.
    socket.setRecvBufferSize(1024 * 1024)
    socket.on('error', (error) => this.#socketError(error))
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

  async close(): Promise<void> {
    const socket = this.#socket
    if (socket === undefined) return
    this.#socket = undefined
    for (const { session } of [...this.#places.values()]) session?.abort('closed', 'the server is closing')
    this.#places.clear()
    this.#watch()
    this.#cache.clear()
    await new Promise<void>((resolve) => socket.close(resolve))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
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
    const file = this.#options.files.get(request.file)
    if (file === undefined) {
      this.#refuse(remote, request.file, 'not-found', ErrorCode.fileNotFound, 'File not found')
      return
    }
    const key = `${remote.address} ${remote.port}`
    const former = this.#places.get(key)
    if (former !== undefined) {
      // Its answer is on the way, or will be sent again soon: a second transfer would only confuse.
      if (former.request.equals(bytes) && former.session?.confirmed !== true) return
      former.session?.abort('asked-anew', 'a new request from the same port')
      this.#places.delete(key)
    }
    if (!this.#makeRoom(remote.address)) {
      this.#refuse(remote, request.file, 'busy')
      return
    }
    const place: Place = { address: remote.address, request: bytes }
    this.#places.set(key, place)
    this.#watch()
    this.#open(file, request, remote, key, place).catch((error: Error) => {
      this.#leave(key, place)
      this.#complaints.once(`unreadable ${file.name}`, {
        level: 'error',
        event: 'tftp.unreadable',
        message: error instanceof BoottorrentError ? `${error.message} ${error.hint ?? ''}` : error.message,
        file: file.name,
      })
      this.#refuse(remote, request.file, 'unreadable', ErrorCode.undefined, 'The file cannot be read')
    })
  }

  async #open(file: BootFile, request: RequestPacket, remote: Remote, key: string, place: Place): Promise<void> {
    const content = await openContent(file, this.#cache)
    let channel: Channel
    try {
      channel = await openChannel(this.#options.address, remote, {
        onPacket: (bytes) => place.session?.receive(bytes),
        onGone: () => place.session?.abort('client-gone', 'the client closed its port'),
        onStranger: (stranger) => this.#stranger(stranger),
      })
    } catch (error) {
      await content.close()
      throw error
    }
    if (this.#places.get(key) !== place) {
      // The server was closed meanwhile, or the client has asked for something else.
      channel.close()
      await content.close()
      return
    }
    const limits = { blockSize: this.#blockSize, windowSize: this.#limits.windowSize }
    const agreement = agree(request.options, content.size, limits)
    const { blockSize, windowSize } = agreement
    const facts = { remote, file: file.name, size: content.size, blockSize, windowSize }
    const started = this.#now()
    const session = new Session({
      facts,
      agreement,
      content,
      channel,
      now: this.#now,
      transfer: createTransfer({
        size: content.size,
        blockSize,
        windowSize,
        optionAck: agreement.confirmed.length > 0,
        patience: this.#patience(agreement),
        now: started,
      }),
      onStalled: () => reportSession(this, this.#log, session, { kind: 'stalled' }, this.#now() - started),
      onEnd: (end) => {
        this.#leave(key, place)
        reportSession(this, this.#log, session, end, this.#now() - started)
      },
    })
    place.session = session
    this.emit('start', facts)
    session.send()
  }

  /** A place for one more transfer. Who has not answered yet gives way first: a flood of requests is never confirmed. */
  #makeRoom(address: string): boolean {
    const own = [...this.#places.values()].filter((place) => place.address === address)
    if (own.length >= this.#limits.transfersPerClient) return this.#crowdOut(own)
    if (this.#places.size >= this.#limits.transfers) return this.#crowdOut([...this.#places.values()])
    return true
  }

  #crowdOut(places: readonly Place[]): boolean {
    const oldest = places.find(({ session }) => session !== undefined && !session.confirmed)
    oldest?.session?.abort('crowded-out', 'too many transfers')
    return oldest !== undefined
  }

  #leave(key: string, place: Place): void {
    if (this.#places.get(key) === place) this.#places.delete(key)
    this.#watch()
  }

  /** One timer looks after all transfers, as long as there are any. */
  #watch(): void {
    if (this.#places.size === 0) {
      clearInterval(this.#sweep)
      this.#sweep = undefined
    } else {
      this.#sweep ??= setInterval(() => this.#checkSilence(), Math.min(50, this.#limits.firstTimeout / 4))
    }
  }

  #checkSilence(): void {
    for (const { session } of [...this.#places.values()]) session?.checkSilence()
  }

  #patience({ timeout }: Agreement): Patience {
    const { firstTimeout, longestTimeout, repetitions } = this.#limits
    if (timeout === undefined) return { first: firstTimeout, longest: longestTimeout, repetitions }
    return { first: timeout * 1000, longest: timeout * 1000, repetitions: CHOSEN_TIMEOUT_REPETITIONS }
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

const refusals: { readonly [reason in RefusalReason]: string } = {
  'not-found': 'there is no such boot file',
  'read-only': 'it wanted to write, but this server is read-only',
  mode: 'only octet mode is served',
  unreadable: 'the file cannot be read',
  busy: 'too many transfers at the moment',
}

function bindError(cause: NodeJS.ErrnoException, address: string, port: number): BoottorrentError {
  switch (cause.code) {
    case 'EADDRINUSE':
      return new BoottorrentError('PORT_IN_USE', `UDP port ${port} of ${address} is held by another program.`, {
        hint: `Find it with "ss -lunp sport = :${port}" and stop it, often dnsmasq or tftpd; or switch TFTP off.`,
        cause,
      })
    case 'EACCES':
    case 'EPERM':
      return new BoottorrentError('PERMISSION', `The right to serve TFTP on UDP port ${port} is missing.`, {
        hint: 'Run as root, or allow it with "sysctl net.ipv4.ip_unprivileged_port_start=67".',
        cause,
      })
    case 'EADDRNOTAVAIL':
      return new BoottorrentError('INTERFACE', `This machine has no address ${address}.`, {
        hint: 'Check host_ip and interface in Boottorrent.yaml; "ip address" shows the addresses there are.',
        cause,
      })
    default:
      return new BoottorrentError('INTERNAL', `TFTP cannot be served on ${address}:${port}: ${cause.message}.`, {
        hint: 'Check the network of this machine.',
        cause,
      })
  }
}
