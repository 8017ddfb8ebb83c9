/** The network of the simulated room: a switch, and a cable from it to the host and to each machine. */
import type { Transform } from 'node:stream'
import { Link, through } from './link.ts'
import { Switch } from './switch.ts'

/** Bits per second, both ways. */
export interface LinkSpeeds {
  readonly host: number
  readonly machine: number
}

interface Cable {
  readonly up: Link
  readonly down: Link
}

export class Network implements Disposable {
  readonly #speeds: LinkSpeeds
  readonly #host: string
  readonly #now: () => number
  readonly #switch: Switch
  readonly #cables = new Map<string, Cable>()

  /**
   * @param host its IPv4 address
   * @param now milliseconds of any steady clock
   */
  constructor(host: string, speeds: LinkSpeeds, now: () => number) {
    this.#host = host
    this.#speeds = speeds
    this.#now = now
    this.#switch = new Switch(now)
  }

  /** What comes from one address to another goes through this stream. */
  path(from: string, to: string): Transform {
    return through([this.#cable(from).up, this.#switch, this.#cable(to).down], this.#now)
  }

  [Symbol.dispose](): void {
    this.#switch[Symbol.dispose]()
  }

  #cable(address: string): Cable {
    const known = this.#cables.get(address)
    if (known !== undefined) return known
    const speed = address === this.#host ? this.#speeds.host : this.#speeds.machine
    const cable = { up: new Link(speed, this.#now), down: new Link(speed, this.#now) }
    this.#cables.set(address, cable)
    return cable
  }
}
