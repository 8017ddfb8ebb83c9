import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { bindError } from '../bind-error.ts'
import { BoottorrentError } from '../errors.ts'
import { hints } from '../platform/index.ts'
import type { WakeFrom } from './index.ts'
import { broadcastAddress, magicPacket } from './magic-packet.ts'

/** Packets get lost, and a machine that sleeps acknowledges none. */
const REPETITIONS = 3
/** UDP port 9 (discard): nobody listens there, and network cards only look for the pattern. */
const PORT = 9

export async function sendMagicPackets(macs: readonly string[], from: WakeFrom): Promise<void> {
  const socket = createSocket('udp4')
  const to = broadcastAddress(from)
  const send = (packet: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      socket.send(packet, from.port ?? PORT, to, (cause) => {
        if (!cause) return resolve()
        const hint = `Look whether the interface is up: ${hints.listAddresses}.`
        reject(new BoottorrentError('INTERFACE', `No packet can be sent to ${to}: ${cause.message}.`, { hint, cause }))
      })
    })
  try {
    socket.bind(0, from.address)
    await once(socket, 'listening').catch((error: unknown) => {
      throw bindError(error, 'Wake-on-LAN', from.address, 0)
    })
    socket.setBroadcast(true)
    for (let round = 0; round < REPETITIONS; round++) {
      for (const mac of macs) await send(magicPacket(mac))
    }
  } finally {
    socket.close()
  }
}
