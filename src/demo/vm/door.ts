/**
 * The door of a private network for browsers: a port of the computer around it. A socket stays in the network in which it was
 * made, so the one outside makes it and hands it to the one inside.
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, Server, type Socket } from 'node:net'
import { pipeline } from 'node:stream'

/** Who goes through is let out again when either side ends; nobody has to hear of it. */
const passOn = (from: Socket, to: Socket) => pipeline(from, to, () => {})

/** Makes a door and hands it to a child with an IPC channel. @param address of this computer, on which browsers come */
export async function handDoor(child: ChildProcess, address: string): Promise<void> {
  const door = createServer()
  door.listen(0, address)
  await once(door, 'listening')
  const { port } = door.address() as AddressInfo
  await new Promise<void>((resolve) => {
    // Whoever comes before it is opened waits in the queue of the socket.
    child.send({ door: `http://${address}:${port}/` }, door, () => resolve())
  })
  door.close()
}

/** Closed when it is disposed of, with everybody who stands in it. */
export interface Door extends Disposable {
  /** URL for browsers outside. */
  readonly url: string
  /** Lets who comes through to a server inside. */
  lead(address: string, port: number): void
}

/** Waits for the door that whoever started this process hands to it. */
export async function takeDoor(): Promise<Door> {
  const [{ door: url }, door] = (await once(process, 'message')) as [{ door: string }, unknown]
  process.disconnect()
  if (!(door instanceof Server)) throw new Error('no socket came with the door')
  const guests = new Set<Socket>()
  return {
    url,
    lead(address, port) {
      door.on('connection', (guest) => {
        const inside = connect(port, address)
        guests.add(guest)
        guest.once('close', () => guests.delete(guest))
        passOn(guest, inside)
        passOn(inside, guest)
      })
    },
    [Symbol.dispose]() {
      door.close()
      for (const guest of guests) guest.destroy()
    },
  }
}
