declare module 'bittorrent-tracker/server' {
  import type { RemoteInfo, Socket as UdpSocket } from 'node:dgram'
  import type { EventEmitter } from 'node:events'
  import type { ServerOptions as HttpOptions, Server as HttpServer } from 'node:http'

  export interface Announce {
    readonly type: 'http' | 'udp'
    /** 40 hexadecimal digits. */
    readonly info_hash: string
    readonly peer_id: string
    readonly ip: string
    /** By HTTP whatever number the peer wrote. */
    readonly port: number
    readonly left: number
    /** What the peer wrote, by HTTP; `update` when it wrote nothing. */
    readonly event: unknown
    /** Peers it wants, at most 82; may be negative or a fraction. */
    readonly numwant: number
    compact: number
  }

  export interface SwarmPeer {
    readonly ip: string
    readonly port: number
    readonly peerId: string
  }

  export interface Counts {
    readonly complete: number
    readonly incomplete: number
  }

  export interface Answer extends Counts {
    /** Encoded by the server when `compact` is 1 or 0, otherwise sent as it is. */
    readonly peers: readonly SwarmPeer[] | Uint8Array
    /** Seconds; goes to the client by HTTP as it is. */
    readonly 'min interval'?: number
    /** The same. */
    readonly 'warning message'?: string
  }

  /** What the server wants of a swarm; it brings one of its own, which can be replaced. */
  export interface Swarm {
    announce(announce: Announce, done: (error: Error | null, answer?: Answer) => void): void
    scrape(request: object, done: (error: Error | null, counts: Counts) => void): void
  }

  export interface ServerOptions {
    /** Milliseconds between two announces of a peer. */
    interval?: number
    http?: boolean | HttpOptions
    udp?: boolean | { reuseAddr?: boolean }
    ws?: boolean
    stats?: boolean
    filter?(infoHash: string, announce: Announce, decide: (refusal: Error | null) => void): void
  }

  export default class Server extends EventEmitter {
    constructor(options?: ServerOptions)
    http: HttpServer
    udp4: UdpSocket
    udp6: UdpSocket | null
    /** By info-hash. */
    readonly torrents: { [infoHash: string]: Swarm }
    onUdpRequest(message: Buffer, sender: RemoteInfo): void
    listen(port: { http: number; udp: number }, address: { http: string; udp: string }): void
    close(done?: () => void): void
  }
}
