/** HTTP as a machine speaks it: from its own address, over a connection that it keeps. */
import { Agent, type IncomingMessage, request } from 'node:http'

export class HttpClient implements Disposable {
  readonly #address: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  /** @param address IPv4 address of the machine */
  constructor(address: string) {
    this.#address = address
  }

  /** Asks for something. The answer has to be read. @throws Error when it is not 200, or there is none */
  get(url: string): Promise<IncomingMessage> {
    return this.#ask(url, 'GET')
  }

  /** Fetches something whole. */
  async fetch(url: string): Promise<Buffer> {
    const parts: Buffer[] = []
    for await (const part of await this.get(url)) parts.push(part)
    return Buffer.concat(parts)
  }

  /** Fetches something and forgets it. */
  async pass(url: string): Promise<void> {
    for await (const _ of await this.get(url)) {
      // Its bytes would go into the memory of a real machine.
    }
  }

  /** Posts JSON. @throws Error when it is not taken */
  async post(url: string, value: unknown): Promise<void> {
    const answer = await this.#ask(url, 'POST', JSON.stringify(value))
    answer.resume()
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }

  async #ask(url: string, method: 'GET' | 'POST', body?: string): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const headers = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length }
    const asking = request(url, { method, localAddress: this.#address, agent: this.#agent, headers })
    asking.on('error', reject)
    asking.on('response', resolve)
    asking.end(body)
    const answer = await promise
    const { statusCode = 0 } = answer
    if (statusCode >= 200 && statusCode < 300) return answer
    answer.resume()
    throw new Error(`${url}: status ${statusCode}`)
  }
}
