import type { Socket } from 'node:net'
import type { Wire } from 'webtorrent'

/**
 * Writes what a connection sends straight to its socket. webtorrent leads every chunk through three streams on its way
 * there and writes each one by itself, which costs more than all the rest of sending; here everything that is sent in one
 * turn of the event loop leaves with one system call.
 *
 * Has to be called before webtorrent sends its handshake: what is on its way through the streams by then goes first.
 */
export function sendDirectly(wire: Wire, socket: Socket): void {
  const pushThroughStreams = wire.push.bind(wire)
  const write = socket.write.bind(socket) as (...words: unknown[]) => boolean
  /** The last chunk that went into the streams. When it comes out, they are empty. */
  let lastThroughStreams: unknown
  let isDirect = false
  let isCorked = false

  const uncork = () => {
    isCorked = false
    socket.uncork()
  }

  wire.push = (chunk) => {
    if (chunk === null || !isDirect) {
      lastThroughStreams = chunk
      return pushThroughStreams(chunk)
    }
    if (!isCorked) {
      isCorked = true
      socket.cork()
      process.nextTick(uncork)
    }
    return write(chunk)
  }

  const writeFromStreams = (...words: unknown[]): boolean => {
    if (words[0] === lastThroughStreams) {
      isDirect = true
      Reflect.deleteProperty(socket, 'write')
    }
    return write(...words)
  }
  Object.assign(socket, { write: writeFromStreams })
  // What is written together is sent together already; nothing is to wait for the peer's acknowledgement besides.
  socket.setNoDelay(true)
}
