import * as native from 'quickjs:native'
import * as os from 'quickjs:os'
import * as std from 'quickjs:std'
import { guarded } from './quickjs/guard.ts'
import { decodeUtf8, encodeUtf8 } from './quickjs/utf8.ts'
import type { Child, Command, Exchange, Exit, System, Terminal, Timer } from './system.ts'

/** {@link System} on QuickJS and native.c: the one inside Phase-1. */
export const system: System = {
  pid: os.getpid(),
  env: (name) => std.getenv(name),
  now: () => os.now(),
  after,
  readFile,
  readBytes,
  exists: (path) => os.stat(path)[1] === 0,
  freeBytes(folder) {
    const bytes = native.freeBytes(folder)
    return bytes < 0 ? undefined : bytes
  },
  freePort: async () => checked('port of the loopback address', native.freePort()),
  randomHex(bytes) {
    let text = ''
    for (let count = 0; count < bytes; count++) text += native.randomByte().toString(16).padStart(2, '0')
    return text
  },
  openTerminal,
  spawn,
  exchange,
  exit: (code) => std.exit(code),
}

/** Without this, writing to a connection that the peer has closed would end the process. */
os.signal(os.SIGPIPE, undefined)

const EINTR = 4
const EAGAIN = 11
const READ_SIZE = 16 * 1024
const SIGNALS = { INT: os.SIGINT, TERM: os.SIGTERM, KILL: os.SIGKILL }
/** Milliseconds between two looks at whether a child has ended. */
const REAP_INTERVAL = 50

function after(milliseconds: number, callback: () => void): Timer {
  const timer = os.setTimeout(guarded(callback), milliseconds)
  return { cancel: () => os.clearTimeout(timer) }
}

function openTerminal(path: string): Terminal {
  const fd = checked(path, native.openTerminal(path))
  const input = new Uint8Array(256)
  let closed = false
  return {
    size() {
      const size = os.ttyGetWinSize(fd)
      return size && size[0] > 0 && size[1] > 0 ? { columns: size[0], rows: size[1] } : undefined
    },
    write(bytes) {
      const taken = os.write(fd, bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length)
      return wouldBlock(taken) ? 0 : checked(path, taken)
    },
    onInput(callback) {
      const onReadable = guarded(() => {
        const length = os.read(fd, input.buffer, 0, input.length)
        if (wouldBlock(length)) return
        if (length <= 0) os.setReadHandler(fd, null)
        callback(length <= 0 ? '' : decodeUtf8(input.subarray(0, length)))
      })
      os.setReadHandler(fd, onReadable)
    },
    onceWritable(callback) {
      const onWritable = guarded(() => {
        os.setWriteHandler(fd, null)
        callback()
      })
      os.setWriteHandler(fd, onWritable)
    },
    close() {
      if (closed) return
      closed = true
      os.setReadHandler(fd, null)
      os.setWriteHandler(fd, null)
      native.closeTerminal(fd)
    },
  }
}

function spawn(command: Command): Child {
  let output = -1
  let reading = false
  if (command.terminal === undefined) {
    const [readEnd, writeEnd] = os.pipe()
    output = writeEnd
    native.setNonBlocking(readEnd)
    reading = true
    readLines(readEnd, command.onLine ?? (() => {}), () => {
      reading = false
    })
  }
  const pid = native.spawn(command.words, command.folder ?? '', command.terminal ?? '', output)
  if (output >= 0) os.close(output)
  if (pid < 0) return { exit: Promise.resolve({ code: 127 }), kill: () => {} }

  const exit = new Promise<Exit>((resolve) => {
    let ended: Exit | undefined
    let graceLooks = 10
    const look = () => {
      if (!ended) {
        const [reaped, status] = os.waitpid(pid, os.WNOHANG)
        if (reaped === pid) ended = toExit(status)
      }
      // What a program said last is read before its end is told; a grandchild that holds the pipe open is not waited for.
      if (ended && (!reading || graceLooks-- === 0)) resolve(ended)
      else after(REAP_INTERVAL, look)
    }
    look()
  })
  return { exit, kill: (signal) => void os.kill(pid, SIGNALS[signal]) }
}

function toExit(status: number): Exit {
  const signal = status & 0x7f
  return signal === 0 ? { code: (status >> 8) & 0xff } : { signal }
}

function readLines(fd: number, onLine: (line: string) => void, onEnd: () => void): void {
  const buffer = new Uint8Array(READ_SIZE)
  let rest = ''
  const onReadable = guarded(() => {
    const length = os.read(fd, buffer.buffer, 0, buffer.length)
    if (wouldBlock(length)) return
    if (length > 0) {
      const lines = (rest + decodeUtf8(buffer.subarray(0, length))).split(/[\r\n]+/)
      // A line that never ends is cut, so that memory stays bounded.
      rest = (lines.pop() ?? '').slice(0, READ_SIZE)
      for (const line of lines) if (line !== '') onLine(line)
      return
    }
    os.setReadHandler(fd, null)
    os.close(fd)
    if (rest !== '') onLine(rest)
    onEnd()
  })
  os.setReadHandler(fd, onReadable)
}

function exchange(request: Exchange): Promise<string> {
  return new Promise((resolve, reject) => {
    const fd = native.connect(request.address, request.port)
    if (fd < 0) return reject(new Error(`cannot connect to ${request.address}:${request.port} (errno ${-fd})`))
    let toSend: Uint8Array = encodeUtf8(request.message)
    const chunks: Uint8Array[] = []
    let received = 0
    const buffer = new Uint8Array(READ_SIZE)

    const finish = (settle: () => void) => {
      timer.cancel()
      os.setReadHandler(fd, null)
      os.setWriteHandler(fd, null)
      os.close(fd)
      settle()
    }
    const fail = (what: string) => finish(() => reject(new Error(`${request.address}:${request.port}: ${what}`)))
    const timer = after(request.timeout, () => fail('no answer in time'))

    const onWritable = guarded(() => {
      const problem = native.connectionError(fd)
      if (problem < 0) return fail(`cannot connect (errno ${-problem})`)
      const taken = os.write(fd, toSend.buffer as ArrayBuffer, toSend.byteOffset, toSend.length)
      if (wouldBlock(taken)) return
      if (taken < 0) return fail(`cannot send (errno ${-taken})`)
      toSend = toSend.subarray(taken)
      if (toSend.length === 0) os.setWriteHandler(fd, null)
    })
    const onReadable = guarded(() => {
      const length = os.read(fd, buffer.buffer, 0, buffer.length)
      if (wouldBlock(length)) return
      received += Math.max(0, length)
      if (received > request.limit) fail(`the answer has more than ${request.limit} bytes`)
      else if (length > 0) chunks.push(buffer.slice(0, length))
      else if (length === 0) finish(() => resolve(decodeUtf8(joined(chunks))))
      else fail(`connection failed (errno ${-length})`)
    })
    os.setWriteHandler(fd, onWritable)
    os.setReadHandler(fd, onReadable)
  })
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let position = 0
  for (const chunk of chunks) {
    whole.set(chunk, position)
    position += chunk.length
  }
  return whole
}

function wouldBlock(result: number): boolean {
  return result === -EAGAIN || result === -EINTR
}

function checked(what: string, result: number): number {
  if (result < 0) throw new Error(`${what}: errno ${-result}`)
  return result
}

/** Reads to the end: files of /proc and /sys are not as long as they say, and `std.loadFile` gives up on those. */
function readFile(path: string): string | undefined {
  const file = std.open(path, 'r')
  if (file === null) return undefined
  try {
    const text = file.readAsString()
    return file.error() ? undefined : text
  } finally {
    file.close()
  }
}

function readBytes(path: string, length: number): Uint8Array | undefined {
  const file = std.open(path, 'rb')
  if (file === null) return undefined
  try {
    const bytes = new Uint8Array(length)
    return bytes.subarray(0, file.read(bytes.buffer, 0, length))
  } finally {
    file.close()
  }
}
