import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { bindError } from '../bind-error.ts'
import type { BoottorrentError } from '../errors.ts'
import type { WantedPort } from './ports.ts'

/** Binds a port as its service would, and frees it again. @returns the error that the service would fail with */
export async function tryPort({
  transport,
  service,
  address,
  port,
}: WantedPort): Promise<BoottorrentError | undefined> {
  const socket = transport === 'udp' ? createSocket('udp4') : createServer()
  try {
    const listening = once(socket, 'listening')
    if ('bind' in socket) socket.bind({ address, port, exclusive: true })
    else socket.listen({ host: address, port, exclusive: true })
    await listening
    return undefined
  } catch (error) {
    return bindError(error, service, address, port)
  } finally {
    socket.close()
  }
}
