/** The part of node:process that Ink and chalk look at. The real input and output are passed to Ink explicitly. */
import * as std from 'quickjs:std'
import { EventEmitter } from './events.ts'

class NoStream extends EventEmitter {
  readonly isTTY = true
  readonly columns = 80
  readonly rows = 24
  write(text: string): boolean {
    std.err.puts(text)
    return true
  }
}

class Process extends EventEmitter {
  /** Sixteen colours, as the Linux console and every serial terminal have them. */
  readonly env: Record<string, string> = { TERM: 'linux', FORCE_COLOR: '1' }
  readonly argv = ['tui']
  readonly execArgv: string[] = []
  readonly platform = 'linux'
  readonly version = 'v24.0.0'
  readonly versions = { node: '24.0.0' }
  readonly pid = 1
  readonly stdin = new NoStream()
  readonly stdout = new NoStream()
  readonly stderr = new NoStream()
  cwd(): string {
    return '/'
  }
  emitWarning(): void {}
  nextTick(callback: (...values: unknown[]) => void, ...values: unknown[]): void {
    void Promise.resolve().then(() => callback(...values))
  }
}

const process = new Process()

export const { env, argv, stdin, stdout, stderr, platform, versions } = process
export const cwd = () => '/'
export { process }
export default process
