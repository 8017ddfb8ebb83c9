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
    readonly port: number
    /** `ip:port`. */
    readonly addr: string
    readonly left: number
    compact: number
  }

  export interface Swarm {
    readonly complete: number
    readonly incomplete: number
    announce(params: Announce, answer: (error: Error | null, response?: object) => void): void
    readonly peers: {
      /** `ip:port` of each. */
      readonly keys: readonly string[]
      /** Does not count as a sign of life. */
      peek(address: string): { readonly complete: boolean } | null | undefined
    }
  }

  export interface ServerOptions {
    /** Milliseconds between two announces of a peer. */
    interval?: number
    /** Milliseconds after which a peer that does not announce is forgotten. */
    peersCacheTtl?: number
    peersCacheLength?: number
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
    readonly torrents: { readonly [infoHash: string]: Swarm }
    createSwarm(infoHash: string, done: (error: Error | null, swarm: Swarm) => void): void
    onUdpRequest(message: Buffer, sender: RemoteInfo): void
    listen(port: { http: number; udp: number }, address: { http: string; udp: string }): void
    close(done?: () => void): void
  }
}
