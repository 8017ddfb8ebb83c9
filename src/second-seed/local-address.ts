import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { BoottorrentError } from '../errors.ts'

/**
 * The IPv4 address of this computer from which it reaches another one, as the system's routes say. Nothing is sent.
 *
 * @throws BoottorrentError INTERFACE when there is no way to there
 */
export async function addressTowards(host: string): Promise<string> {
  const socket = createSocket('udp4')
  try {
    // Connecting a UDP socket only asks the routes.
    socket.connect(9, host)
    await once(socket, 'connect')
    return socket.address().address
  } catch (cause) {
    throw new BoottorrentError('INTERFACE', `This computer has no way to ${host}.`, {
      hint: 'Connect it to the same network, and look at the address.',
      cause,
    })
  } finally {
    socket.close()
  }
}
