declare module 'parse-torrent' {
  export interface ParsedTorrent {
    readonly infoHash: string
    readonly name: string
    readonly length: number
    readonly pieceLength: number
  }

  export default function parseTorrent(torrent: Uint8Array): Promise<ParsedTorrent>
}
