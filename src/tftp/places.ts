import type { Remote } from './channel-server.ts'
import type { TransferFacts } from './index.ts'

/** One transfer as the server on port 69 knows it. */
export interface Place {
  readonly id: number
  readonly remote: Remote
  /** Name of the file as the client wrote it. */
  readonly file: string
  /** The request's bytes: the same ones again are a repetition, others a new request. */
  readonly request: Buffer
  /** What was agreed on, once it has started. */
  facts: TransferFacts | undefined
  /** Whether the client has answered anything yet. */
  confirmed: boolean
  /** Whether it was told to end already. */
  leaving: boolean
}

export interface PlaceLimits {
  readonly transfers: number
  readonly transfersPerClient: number
}

/** So many transfers more than the newcomer are more than any firmware or loader has at a time. */
const GREEDY = 2

/** All transfers that run, and who has to give way when there are too many. */
export class Places {
  readonly #limits: PlaceLimits
  /** By number, oldest first. */
  readonly #all = new Map<number, Place>()
  /** The newest of each client, by address and port. */
  readonly #newest = new Map<string, Place>()
  #lastId = 0

  constructor(limits: PlaceLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#all.size
  }

  get(id: number): Place | undefined {
    return this.#all.get(id)
  }

  /** What this client asked for last, as long as it runs. */
  newestOf(remote: Remote): Place | undefined {
    return this.#newest.get(keyOf(remote))
  }

  add(remote: Remote, file: string, request: Buffer): Place {
    this.#lastId += 1
    const place = { id: this.#lastId, remote, file, request, facts: undefined, confirmed: false, leaving: false }
    this.#all.set(place.id, place)
    this.#newest.set(keyOf(remote), place)
    return place
  }

  remove(place: Place): void {
    this.#all.delete(place.id)
    if (this.newestOf(place.remote) === place) this.#newest.delete(keyOf(place.remote))
  }

  clear(): void {
    this.#all.clear()
    this.#newest.clear()
  }

  /**
   * Who has to leave before one more transfer of this address may begin: nobody (undefined), somebody, or there is no
   * room: this address has its share (`over-limit`), or others have taken all (`busy`). Who has not answered yet gives way,
   * the oldest first: a flood of requests is never confirmed. When all have answered, it is the oldest of the address that
   * has most, if that are many more. Who leaves already has given way.
   */
  giveWay(address: string): Place | 'over-limit' | 'busy' | undefined {
    const staying = [...this.#all.values()].filter(({ leaving }) => !leaving)
    const own = staying.filter(({ remote }) => remote.address === address)
    if (own.length >= this.#limits.transfersPerClient) return oldestUnconfirmed(own) ?? 'over-limit'
    if (staying.length >= this.#limits.transfers) {
      return oldestUnconfirmed(staying) ?? oldestOfGreediest(staying, own.length) ?? 'busy'
    }
    // Leaving takes a moment, in which new ones come: that must not go on without end.
    return this.#all.size >= 2 * this.#limits.transfers ? 'busy' : undefined
  }
}

function oldestUnconfirmed(places: readonly Place[]): Place | undefined {
  return places.find(({ confirmed }) => !confirmed)
}

function oldestOfGreediest(places: readonly Place[], own: number): Place | undefined {
  const byAddress = Map.groupBy(places, ({ remote }) => remote.address)
  const [greediest = []] = [...byAddress.values()].sort((one, other) => other.length - one.length)
  return greediest.length > own + GREEDY ? greediest[0] : undefined
}

function keyOf({ address, port }: Remote): string {
  return `${address} ${port}`
}
