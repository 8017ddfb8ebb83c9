import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** A connection to QEMU's machine protocol (docs/interop/qmp-spec): commands in JSON, one answer each. */
export interface Qmp {
  /** Runs one command and returns its result. Fails with QEMU's own description. */
  execute(command: string, args?: object): Promise<unknown>
}

/** The place where one QEMU will report, as `-chardev socket,path=…,server=off`. */
export interface QmpListener {
  /** Resolves when QEMU has connected and takes commands. */
  readonly connected: Promise<Qmp>
  close(): void
}

interface Reply {
  readonly return?: unknown
  readonly error?: { readonly desc: string }
  readonly event?: string
  readonly QMP?: unknown
}

/** Listens on a Unix socket at `path`; QEMU connects to it when it starts, so that nobody has to wait for a file. */
export async function listenForQmp(path: string): Promise<QmpListener> {
  const server = createServer()
  server.listen(path)
  await once(server, 'listening')
  let socket: Socket | undefined
  const connected = once(server, 'connection').then(async ([connection]) => {
    socket = connection as Socket
    const qmp = speak(socket)
    await qmp.execute('qmp_capabilities')
    return qmp
  })
  connected.catch(() => {})
  return {
    connected,
    close() {
      socket?.destroy()
      server.close()
    },
  }
}

function speak(socket: Socket): Qmp {
  const waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = []

  const lines = createInterface({ input: socket })
  lines.on('line', (line) => {
    const reply = JSON.parse(line) as Reply
    // The greeting and the events answer no command.
    if (reply.QMP !== undefined || reply.event !== undefined) return
    const next = waiting.shift()
    if (reply.error) next?.reject(new Error(`QEMU: ${reply.error.desc}`))
    else next?.resolve(reply.return)
  })
  // A broken connection shows as its close; the lines repeat the socket's error.
  for (const source of [socket, lines]) source.on('error', () => {})
  socket.on('close', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error('QEMU has ended'))
  })

  return {
    execute(command, args = {}) {
      return new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error('QEMU has ended'))
        waiting.push({ resolve, reject })
        socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`)
      })
    },
  }
}
