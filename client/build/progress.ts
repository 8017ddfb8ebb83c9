/** Tells a person what the build is doing and how long it took, one line per step. */
export interface Progress {
  /** Runs one step and says how long it took. */
  step<T>(what: string, work: () => Promise<T>): Promise<T>
  note(text: string): void
  warn(text: string): void
}

/** Progress as lines on a stream, usually standard error. */
export function createProgress(write: (line: string) => void, clock: () => number = () => performance.now()): Progress {
  return {
    async step(what, work) {
      const start = clock()
      write(`client: ${what} …`)
      const result = await work()
      write(`client: ${what}: ${((clock() - start) / 1000).toFixed(1)} s`)
      return result
    },
    note: (text) => write(`client: ${text}`),
    warn: (text) => write(`client: warning: ${text}`),
  }
}
