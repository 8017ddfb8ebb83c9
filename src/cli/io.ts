/** What a command knows of the process around it, so that it can be tested apart from one. */
export interface Io {
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Absolute path that relative ones start from. */
  readonly cwd: string
  /**
   * Asks a person; the answer is undefined when the input has ended (Ctrl+D). Undefined itself when there is no terminal with
   * somebody at it.
   */
  readonly ask: ((question: string) => Promise<string | undefined>) | undefined
  /** Where pictures can be drawn and keys read. Undefined when standard input or output is something else. */
  readonly terminal: Terminal | undefined
  /** Calls the handler at every request to end (Ctrl+C, SIGTERM) until it is disposed of. */
  onInterrupt(handler: () => void): Disposable
  /** Calls the handler at every request to read the environment again (SIGHUP without a terminal) until it is disposed of. */
  onReload(handler: () => void): Disposable
  /** Ends the process at once, for somebody who presses Ctrl+C twice. */
  exit(code: number): void
}

export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
}

export interface Terminal {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
}

/** Whether to write in colour (no-color.org; FORCE_COLOR as Node understands it). */
export function inColor(output: Output, env: Io['env']): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  return output.isTTY === true && env.TERM !== 'dumb'
}
