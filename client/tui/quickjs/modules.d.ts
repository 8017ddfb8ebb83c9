/** The parts of QuickJS's own modules that the TUI uses, and of native.c. Negative numbers are -errno. */
declare module 'quickjs:std' {
  export const err: { puts(text: string): void; flush(): void }
  export function exit(code: number): never
  export function getenv(name: string): string | undefined
  export function open(path: string, mode: string): File | null
  export interface File {
    readAsString(): string
    read(buffer: ArrayBuffer, position: number, length: number): number
    /** Whether reading has failed. */
    error(): boolean
    close(): number
  }
}

declare module 'quickjs:os' {
  export const WNOHANG: number
  export const SIGPIPE: number
  export const SIGINT: number
  export const SIGTERM: number
  export const SIGKILL: number
  export function close(fd: number): number
  export function read(fd: number, buffer: ArrayBuffer, offset: number, length: number): number
  export function write(fd: number, buffer: ArrayBuffer, offset: number, length: number): number
  export function pipe(): [read: number, write: number]
  export function setReadHandler(fd: number, handler: (() => void) | null): void
  export function setWriteHandler(fd: number, handler: (() => void) | null): void
  export function setTimeout(callback: () => void, milliseconds: number): object
  export function clearTimeout(timer: object): void
  export function now(): number
  export function signal(number: number, handler: (() => void) | null | undefined): void
  export function getpid(): number
  export function kill(pid: number, signal: number): number
  export function waitpid(pid: number, options: number): [pid: number, status: number]
  export function stat(path: string): [status: object | null, error: number]
  export function ttyGetWinSize(fd: number): [columns: number, rows: number] | null
}

declare module 'quickjs:native' {
  export function openTerminal(path: string): number
  export function closeTerminal(fd: number): number
  export function connect(address: string, port: number): number
  export function connectionError(fd: number): number
  export function freePort(): number
  export function freeBytes(folder: string): number
  export function randomByte(): number
  export function spawn(words: readonly string[], folder: string, terminal: string, output: number): number
  export function setNonBlocking(fd: number): number
  export function onRejection(callback: (promise: object, reason: unknown, isHandled: boolean) => void): void
}

declare module 'yoga-layout-asmjs/enums' {
  const enums: Readonly<Record<string, number>>
  export default enums
}

declare module 'yoga-layout-asmjs/asmjs-sync' {
  import type Yoga from 'yoga-layout'

  const assembly: typeof Yoga & { readonly default?: typeof Yoga }
  export default assembly
}
