import { spawn as spawnProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, constants, existsSync, openSync, readFileSync, readSync, statfsSync } from 'node:fs'
import { type AddressInfo, createServer, connect as openConnection } from 'node:net'
import { constants as osConstants } from 'node:os'
import { createInterface } from 'node:readline'
import { ReadStream, WriteStream } from 'node:tty'
import type { Child, Command, Exchange, Exit, System, Terminal } from './system.ts'

/** {@link System} on Node, for tests and for looking at the TUI while working on it. */
export const system: System = {
  pid: process.pid,
  env: (name) => process.env[name],
  now: () => performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds)
    return { cancel: () => clearTimeout(timer) }
  },
  readFile(path) {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return undefined
    }
  },
  readBytes(path, length) {
    try {
      const fd = openSync(path, constants.O_RDONLY)
      try {
        const bytes = new Uint8Array(length)
        return bytes.subarray(0, readSync(fd, bytes))
      } finally {
        closeSync(fd)
      }
    } catch {
      return undefined
    }
  },
  exists: existsSync,
  freeBytes(folder) {
    try {
      const space = statfsSync(folder)
      return space.bavail * space.bsize
    } catch {
      return undefined
    }
  },
  freePort,
  randomHex: (bytes) => randomBytes(bytes).toString('hex'),
  openTerminal,
  spawn,
  exchange,
  exit: (code) => process.exit(code),
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

function openTerminal(path: string): Terminal {
  const fd = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK)
  let input: ReadStream
  let output: WriteStream
  try {
    input = new ReadStream(openSync(path, constants.O_RDONLY | constants.O_NOCTTY))
    output = new WriteStream(fd)
  } catch (error) {
    closeSync(fd)
    throw error
  }
  input.setRawMode(true)
  let isGone = false
  output.on('error', () => {
    isGone = true
  })
  return {
    size: () => (output.columns > 0 && output.rows > 0 ? { columns: output.columns, rows: output.rows } : undefined),
    write(bytes) {
      if (isGone) throw new Error(`${path} is gone`)
      if (output.writableNeedDrain) return 0
      output.write(bytes)
      return bytes.length
    },
    onInput(callback) {
      input.on('data', (bytes) => callback(bytes.toString('utf8')))
      input.on('error', () => callback(''))
      input.on('end', () => callback(''))
    },
    onceWritable: (callback) => void output.once('drain', callback),
    close() {
      input.setRawMode(false)
      input.destroy()
      output.destroy()
    },
  }
}

function spawn(command: Command): Child {
  const [program = '', ...values] = command.words
  const terminal = command.terminal === undefined ? undefined : openSync(command.terminal, constants.O_RDWR)
  const child = spawnProcess(program, values, {
    stdio: terminal === undefined ? ['ignore', 'pipe', 'pipe'] : [terminal, terminal, terminal],
    ...(command.folder === undefined ? {} : { cwd: command.folder }),
  })
  if (terminal !== undefined) closeSync(terminal)
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', (line) => command.onLine?.(line))
  }
  const exit = new Promise<Exit>((resolve) => {
    child.once('error', () => resolve({ code: 127 }))
    child.once('close', (code, signal) => {
      resolve(signal === null ? { code: code ?? 0 } : { signal: osConstants.signals[signal] })
    })
  })
  return { exit, kill: (signal) => void child.kill(`SIG${signal}`) }
}

function exchange(request: Exchange): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = openConnection(request.port, request.address)
    const chunks: Buffer[] = []
    socket.setTimeout(request.timeout, () => socket.destroy(new Error('no answer in time')))
    let received = 0
    socket.on('data', (chunk) => {
      received += chunk.length
      if (received > request.limit) socket.destroy(new Error(`the answer has more than ${request.limit} bytes`))
      else chunks.push(chunk)
    })
    socket.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    socket.on('error', reject)
    socket.write(request.message)
  })
}
