/** The part of the package `tftp` that the test uses; it brings no types of its own. */
declare module 'tftp' {
  export function createClient(options: {
    host: string
    port: number
    blockSize?: number
    windowSize?: number
    timeout?: number
    retries?: number
  }): {
    get(remote: string, local: string, callback: (error: Error | null) => void): void
    put(local: string, remote: string, callback: (error: Error | null) => void): void
  }
}
