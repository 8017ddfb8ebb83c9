declare module 'create-torrent' {
  export default function createTorrent(
    input: string,
    options: { name: string; pieceLength: number; announceList: string[][] },
    done: (error: Error | null, torrent: Uint8Array) => void,
  ): void
}
