/** One lesson: machines that want one image from one host, over links of a given speed. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { floorSeconds } from '../src/demo/figures.ts'
import { ShapedRoom } from './shaped-room.ts'

export interface Lesson {
  readonly clients: number
  /** Size of the image. */
  readonly bytes: number
  /** Mbit/s, both ways. */
  readonly host: number
  readonly client: number
  /** Between the starts of two clients; all at once when left out. */
  readonly secondsApart?: number
}

export interface Outcome {
  /** From the start of the first client until the last one has everything. */
  readonly seconds: number
  /** Of each client, from its own start. */
  readonly eachSeconds: readonly number[]
  /** Bytes of pieces that the host sent. */
  readonly sent: number
}

export interface Host {
  /** Ends it, and tells the bytes of pieces that it sent. */
  stop(): Promise<number>
}

export interface Client {
  /** Resolves when it has everything. It may go on until `stop`. */
  readonly done: Promise<void>
  stop(): Promise<void>
}

/** The folder has the image as `os/image`, and lies in RAM. */
export type StartHost = (room: ShapedRoom, folder: string) => Promise<Host>
export type StartClient = (room: ShapedRoom, machine: number, folder: string) => Client

/** Runs a lesson, from the start of the host to the end of everybody. */
export async function teach(lesson: Lesson, startHost: StartHost, startClient: StartClient): Promise<Outcome> {
  const folder = mkdtempSync('/dev/shm/bench-swarm-')
  try {
    writeImage(folder, lesson.bytes)
    using room = new ShapedRoom([lesson.host, ...Array<number>(lesson.clients).fill(lesson.client)])
    const host = await startHost(room, folder)
    const startedAt = performance.now()
    const clients: Client[] = []
    try {
      const eachSeconds = await Promise.all(
        Array.from({ length: lesson.clients }, async (_, index) => {
          await delay(index * (lesson.secondsApart ?? 0) * 1000)
          const start = performance.now()
          const client = startClient(room, index + 1, folder)
          clients.push(client)
          await client.done
          return (performance.now() - start) / 1000
        }),
      )
      const seconds = (performance.now() - startedAt) / 1000
      return { seconds, eachSeconds, sent: await host.stop() }
    } finally {
      await Promise.all(clients.map((client) => client.stop()))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Seconds that no way of sharing can beat. */
export function floorOf({ clients, bytes, host, client }: Lesson): number {
  return floorSeconds(clients, bytes, { host: host * 1e6, machine: client * 1e6 })
}

function writeImage(folder: string, bytes: number): void {
  mkdirSync(path.join(folder, 'os'))
  const image = Buffer.alloc(bytes)
  for (let at = 0; at < bytes; at += 4) image.writeUInt32LE(at >>> 2, at)
  writeFileSync(path.join(folder, 'os/image'), image)
}
