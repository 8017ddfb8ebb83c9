import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An HTTP tracker (BEP 3, 23) that names one seeder to everybody, so that clients do not find each other. */
export class SingleSeederTracker implements AsyncDisposable {
  seederPort = 0
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => {
      const isSeeder = request.url?.includes(`&port=${this.seederPort}&`) ?? false
      response.end(Buffer.concat([Buffer.from('d8:intervali600e5:peers'), this.#peers(isSeeder), Buffer.from('e')]))
    })
  }

  static async open(): Promise<SingleSeederTracker> {
    const tracker = new SingleSeederTracker()
    tracker.#server.listen(0, '127.0.0.1')
    await once(tracker.#server, 'listening')
    return tracker
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/announce`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  /** Compact: four bytes of address, two of port. */
  #peers(isSeeder: boolean): Buffer {
    if (isSeeder) return Buffer.from('0:')
    const peer = Buffer.from([127, 0, 0, 1, this.seederPort >>> 8, this.seederPort & 0xff])
    return Buffer.concat([Buffer.from('6:'), peer])
  }
}
