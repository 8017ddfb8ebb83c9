declare module 'bittorrent-protocol' {
  import type { Duplex } from 'node:stream'

  type Taken = (error: Error | null, block: Uint8Array) => void
  type Answer = (error: Error | null, block?: Uint8Array) => void

  /** One connection of two peers (BEP 3), as a stream of bytes that its user pipes to and from a socket. */
  interface Wire extends Duplex {
    on(event: 'data', listener: (bytes: Uint8Array) => void): this
    on(event: 'handshake', listener: (infoHash: string, peerId: string) => void): this
    on(event: 'bitfield' | 'unchoke' | 'choke' | 'interested' | 'close', listener: () => void): this
    on(event: 'have', listener: (piece: number) => void): this
    on(event: 'request', listener: (piece: number, offset: number, length: number, answer: Answer) => void): this
    on(event: 'error', listener: (error: Error) => void): this
    handshake(infoHash: string, peerId: string): void
    bitfield(bits: Uint8Array): void
    have(piece: number): void
    interested(): void
    unchoke(): void
    request(piece: number, offset: number, length: number, taken: Taken): void
    setKeepAlive(enabled: boolean): void
    readonly peerChoking: boolean
    readonly peerPieces: { get(piece: number): boolean }
    /** Requests of ours that are not answered yet. */
    readonly requests: readonly unknown[]
  }

  const Wire: new (type: 'tcpIncoming' | 'tcpOutgoing') => Wire
  export default Wire
  export type { Wire }
}
