declare module 'webtorrent' {
  import type { EventEmitter } from 'node:events'
  import type { Server, Socket } from 'node:net'

  export interface ClientOptions {
    dht?: boolean
    lsd?: boolean
    utp?: boolean
    utPex?: boolean
    natUpnp?: boolean
    natPmp?: boolean
    webSeeds?: boolean
    maxConns?: number
    /** Handed to net.Server.listen() as it is, so it may name the address too. */
    torrentPort?: number | { host: string; port: number }
    /** False: when a torrent is complete, only peers that connect to us are served. */
    seedOutgoingConnections?: boolean
  }

  export interface TorrentOptions {
    path?: string
    skipVerify?: boolean
    /** Upload slots. */
    uploads?: number
    store?: new (pieceLength: number, options: never) => ChunkStore
    /** Spread into the options of the store. */
    storeOpts?: object
    /** Pieces that are cached above the store; 0 for a store that caches by itself. */
    storeCacheSlots?: number
  }

  export type Respond = (error: Error | null, bytes?: Uint8Array) => void

  export interface ChunkStore {
    chunkLength: number
    get(index: number, range: { offset?: number; length?: number } | null | undefined, respond: Respond): void
    put(index: number, bytes: Uint8Array, done: (error: Error | null) => void): void
    close(done?: (error: Error | null) => void): void
    destroy(done?: (error: Error | null) => void): void
  }

  export interface Wire extends EventEmitter {
    /** 40 hexadecimal digits. */
    readonly peerId: string
    readonly type: string
    readonly remoteAddress?: string
    readonly remotePort?: number
    /** Bytes of pieces that were handed to the connection. */
    readonly uploaded: number
    /** Requests of the peer that are not answered yet. */
    readonly peerRequests: readonly unknown[]
    /** Becomes part of the extension handshake (BEP 10). */
    extendedHandshake: { [key: string]: unknown }
    /** The bitfield of the peer, or a stand-in that has every piece after HAVE ALL. */
    readonly peerPieces: { get(index: number): boolean }
    readonly amChoking: boolean
    readonly peerInterested: boolean
    /** Whether both sides know the Fast Extension (BEP 6). */
    readonly hasFast: boolean
    haveAll(): void
    haveNone(): void
    bitfield(bits: unknown): void
    have(piece: number): void
    /** Bytes per second. */
    uploadSpeed(): number
    unchoke(): void
    readonly destroyed: boolean
    destroy(): void
    /** Sends a chunk; null ends the connection (streamx). */
    push(chunk: Uint8Array | null): boolean
    /** Not documented. Gets every message as a text. */
    _debug: (...words: unknown[]) => void
    /** Not documented. Waits for so many bytes of the peer. */
    _parse: (bytes: number, parser: unknown) => void
    /** Not documented. Bytes that it waits for. */
    readonly _parserSize: number
  }

  export interface Torrent extends EventEmitter {
    readonly infoHash: string
    /** Whether its metadata is known and its store is there. */
    readonly ready: boolean
    readonly name: string
    readonly length: number
    /** Before `ready`: the SHA-1 of each piece in hexadecimal digits. */
    readonly pieces: readonly string[]
    readonly pieceLength: number
    readonly numPeers: number
    readonly wires: readonly Wire[]
    /** Not documented. By `address:port`; null when the torrent is destroyed. */
    readonly _peers: ReadonlyMap<string, { readonly conn: Socket | null }>
    destroy(done?: () => void): void
  }

  export default class WebTorrent extends EventEmitter {
    constructor(options?: ClientOptions)
    readonly torrents: readonly Torrent[]
    readonly destroyed: boolean
    /** 40 hexadecimal digits. */
    readonly peerId: string
    /** Not documented. What listens for peers, from the beginning until it is destroyed. */
    readonly _connPool: { readonly tcpServer: Server }
    add(torrent: Uint8Array, options?: TorrentOptions): Torrent
    address(): { address: string; port: number } | null
    destroy(done?: () => void): void
  }
}
