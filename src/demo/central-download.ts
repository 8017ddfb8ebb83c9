/** The download of a machine whose room has one server and no neighbours: by HTTP, as PXE does it. */
import type { Content } from './content.ts'
import { HttpClient } from './http-client.ts'
import type { Network } from './network.ts'
import type { Torrent } from './torrent.ts'

export interface CentralDownload {
  /** URL of the folder that the torrent carries, with a slash at its end. */
  readonly url: string
  /** IPv4 addresses of this machine and of the server. */
  readonly address: string
  readonly server: string
  readonly torrent: Torrent
  readonly content: Content
  readonly network: Network
  /** Called with the bytes that came. */
  readonly onBytes: (count: number) => void
}

/** Fetches every file, and verifies them by the hashes of the torrent. @throws Error when that fails */
export async function downloadCentrally(options: CentralDownload): Promise<void> {
  const { url, address, server, torrent, content, network, onBytes } = options
  const piece = Buffer.allocUnsafeSlow(torrent.pieceLength)
  let filled = 0
  let index = 0
  const settle = () => {
    if (!content.verify(index, Buffer.from(piece.subarray(0, filled)))) throw new Error(`piece ${index} is damaged`)
    index += 1
    filled = 0
  }
  for (const file of torrent.files) {
    // A connection of its own: the server is done long before the slow cable is, and would not wait for another question.
    using http = new HttpClient(address)
    const answer = await http.get(`${url}${file}`)
    for await (const part of answer.pipe(network.path(server, address))) {
      onBytes(part.length)
      for (let at = 0; at < part.length; ) {
        const taken = Math.min(part.length - at, piece.length - filled)
        piece.set(part.subarray(at, at + taken), filled)
        at += taken
        filled += taken
        if (filled === piece.length) settle()
      }
    }
  }
  if (filled > 0) settle()
  if (index !== torrent.hashes.length) throw new Error('the download ended early')
}
