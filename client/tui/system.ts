/**
 * Everything Phase-1's TUI asks of the machine it runs on. `system-quickjs.ts` is the one that boots machines,
 * `system-node.ts` lets the same logic run under Node; nothing else of the TUI knows where it runs.
 *
 * Callbacks never run inside the call that registers them.
 */
export interface System {
  /** Number of this process. */
  readonly pid: number
  /** Value of an environment variable. */
  env(name: string): string | undefined
  /** Milliseconds on a clock that never goes back. */
  now(): number
  /** Calls back once after that many milliseconds. */
  after(milliseconds: number, callback: () => void): Timer
  /** A whole UTF-8 file. Undefined when there is none or it cannot be read. */
  readFile(path: string): string | undefined
  /** The first bytes of a file, at most so many. Undefined when there is none or it cannot be read. */
  readBytes(path: string, length: number): Uint8Array | undefined
  /** Whether there is a file or folder of this path. */
  exists(path: string): boolean
  /** Bytes that may still be written to the file system of a folder. Undefined when nobody knows. */
  freeBytes(folder: string): number | undefined
  /** A TCP port of the loopback address that is free just now. */
  freePort(): Promise<number>
  /** Unpredictable text of lower-case hexadecimal digits, two for each byte. */
  randomHex(bytes: number): string
  /** Takes a terminal: raw, and never blocking. Throws an Error when it cannot be opened. */
  openTerminal(path: string): Terminal
  /** Starts a program. One that cannot be started ends with code 127. */
  spawn(command: Command): Child
  /** Sends one HTTP message to an IPv4 address and returns all that comes back before the peer closes. */
  exchange(request: Exchange): Promise<string>
  /** Ends the process. */
  exit(code: number): void
}

export interface Timer {
  cancel(): void
}

/** A console that was taken with {@link System.openTerminal}. */
export interface Terminal {
  /** In characters. Undefined when the terminal does not know, as a serial line. */
  size(): { columns: number; rows: number } | undefined
  /** Returns how many bytes were taken: 0 when it would have to wait. Throws an Error when the terminal is gone. */
  write(bytes: Uint8Array): number
  /** Keys as they are typed; '' when the terminal is gone. */
  onInput(callback: (text: string) => void): void
  /** Calls back once, when {@link write} can take bytes again. */
  onceWritable(callback: () => void): void
  /** Leaves the terminal in the state that a shell expects. */
  close(): void
}

export interface Command {
  readonly words: readonly string[]
  /** Folder to start in. */
  readonly folder?: string
  /** Path of the terminal the program gets for itself, as its controlling terminal. The caller has closed it. */
  readonly terminal?: string
  /** Without a terminal: called for each line the program says on either output. */
  readonly onLine?: (line: string) => void
}

export interface Child {
  readonly exit: Promise<Exit>
  kill(signal: 'INT' | 'TERM' | 'KILL'): void
}

export type Exit = { readonly code: number } | { readonly signal: number }

export interface Exchange {
  readonly address: string
  readonly port: number
  readonly message: string
  /** Milliseconds until the promise rejects. */
  readonly timeout: number
  /** Bytes that the answer may have; it rejects with the first one more. All memory is shared with what is downloaded. */
  readonly limit: number
}
