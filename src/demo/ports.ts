/** Ports that nobody uses: a demo must not need rights, nor disturb a server that runs. */
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { LIMITED_BROADCAST } from '../dhcp/address.ts'
import { bindSocket, closeSocket } from '../dhcp/sockets.ts'

export interface DemoPorts {
  readonly tftp: number
  readonly http: number
  readonly tracker: number
  readonly seeder: number
  /** Of the server that a room without neighbours has. */
  readonly central: number
  readonly dhcpServer: number
  readonly dhcpClient: number
  readonly proxy: number
}

/** In a network of our own nobody else has any, and firmware knows no others. */
export const STANDARD_PORTS: DemoPorts = {
  ...{ tftp: 69, http: 8000, tracker: 10001, seeder: 6881, central: 8080 },
  ...{ dhcpServer: 67, dhcpClient: 68, proxy: 4011 },
}

/**
 * Finds them by binding all of them once. Somebody who takes one before it is bound again gets an error, not a wrong answer.
 *
 * @throws BoottorrentError when the address is not one of this computer
 */
export async function freePorts(address: string): Promise<DemoPorts> {
  const held: (Server | Socket)[] = []
  const udp = async (where: string) => {
    const socket = await bindSocket(where, 0, { role: 'the demo' })
    held.push(socket)
    return socket.address().port
  }
  const tcp = async () => {
    const server = createServer()
    held.push(server)
    server.listen(0, address)
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  try {
    const ports = { tftp: await udp(address), proxy: await udp(address), dhcpServer: 0, dhcpClient: 0 }
    // Machines without an address are heard at this one.
    ports.dhcpServer = await udp(LIMITED_BROADCAST)
    ports.dhcpClient = await udp(LIMITED_BROADCAST)
    return { ...ports, http: await tcp(), tracker: await tcp(), seeder: await tcp(), central: await tcp() }
  } finally {
    await Promise.all(held.map(closed))
  }
}

async function closed(one: Server | Socket): Promise<void> {
  if ('listen' in one) await new Promise((resolve) => one.close(resolve))
  else await closeSocket(one)
}
