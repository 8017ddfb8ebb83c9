/** Notices what becomes of the interfaces that are served: cables are pulled, addresses change, adapters come and go. */
import type { Interfaces, ServedInterface } from './environment/index.ts'
import { hints } from './platform/index.ts'

export type InterfaceChange = {
  /** The interface as it is served until now. */
  readonly served: ServedInterface
} & (
  | { /** It has no address any more, or is not there at all. */ readonly kind: 'lost'; readonly exists: boolean }
  | { /** It has its address, and nobody at the other end of the cable. */ readonly kind: 'unplugged' }
  | { /** All is as it was before it was lost or unplugged. */ readonly kind: 'returned' }
  | { /** It has another address or netmask. */ readonly kind: 'moved'; readonly to: ServedInterface }
)

export interface InterfaceWatchOptions {
  readonly interfaces: readonly ServedInterface[]
  /** Addresses that the user wants to be served at, where an interface has several. */
  readonly hostIps: readonly string[]
  /** What this computer has now. */
  readonly list: () => Promise<Interfaces>
  /** Milliseconds between two looks. */
  readonly interval: number
  readonly onChange: (change: InterfaceChange) => void
}

type Condition =
  | { readonly is: 'there'; readonly served: ServedInterface }
  | { readonly is: 'unplugged'; readonly served: ServedInterface }
  | { readonly is: 'lost'; readonly exists: boolean }

interface Watched {
  served: ServedInterface
  condition: Condition
  /** What the last look found, when that was something new. */
  seen: Condition | undefined
}

export class InterfaceWatch {
  readonly #options: InterfaceWatchOptions
  readonly #watched: Watched[]
  #timer: NodeJS.Timeout | undefined
  #isLooking = false
  #isFirstLook = true

  constructor(options: InterfaceWatchOptions) {
    this.#options = options
    this.#watched = options.interfaces.map((served) => ({
      served,
      condition: { is: 'there', served },
      seen: undefined,
    }))
  }

  /** Looks at intervals until it is closed. */
  start(): void {
    this.#timer = setInterval(() => void this.look(), this.#options.interval).unref()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Looks once. What is new counts when a second look finds the same: addresses are taken away for a moment to be renewed. */
  async look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      const interfaces = await this.#options.list()
      for (const one of this.#watched) this.#compare(one, conditionOf(one.served, interfaces, this.#options.hostIps))
      this.#isFirstLook = false
    } catch {
      // A list that cannot be read now can be read the next time.
    } finally {
      this.#isLooking = false
    }
  }

  #compare(one: Watched, found: Condition): void {
    if (this.#isFirstLook && found.is === 'unplugged' && isSameAddress(found.served, one.served)) {
      // A server may well be started before the first machine is switched on.
      one.condition = found
    }
    if (isSame(found, one.condition)) {
      one.seen = undefined
      return
    }
    if (one.seen === undefined || !isSame(found, one.seen)) {
      one.seen = found
      return
    }
    const { served, condition } = one
    one.seen = undefined
    one.condition = found
    if (found.is === 'lost') {
      this.#options.onChange({ served, kind: 'lost', exists: found.exists })
      return
    }
    const isMoved = !isSameAddress(found.served, served)
    one.served = found.served
    if (isMoved) this.#options.onChange({ served, kind: 'moved', to: found.served })
    if (found.is === 'unplugged') this.#options.onChange({ served: found.served, kind: 'unplugged' })
    else if (!isMoved && condition.is !== 'there') this.#options.onChange({ served, kind: 'returned' })
  }
}

/** The address that the user wants comes first, then the one that is served already. */
function conditionOf(served: ServedInterface, interfaces: Interfaces, hostIps: readonly string[]): Condition {
  const { name } = served
  const all = Object.hasOwn(interfaces, name) ? interfaces[name] : undefined
  // A system makes itself an address of 169.254 when nobody gives it one: no machine is told that.
  const isMadeUp = (address: string) => address.startsWith('169.254.') && address !== served.address
  const own = (all ?? []).filter(({ family, address }) => family === 'IPv4' && !isMadeUp(address))
  const wanted = own.find(({ address }) => hostIps.includes(address))
  const found = wanted ?? own.find(({ address }) => address === served.address) ?? own[0]
  if (found === undefined) return { is: 'lost', exists: all !== undefined }
  const { address, netmask, unplugged } = found
  return { is: unplugged ? 'unplugged' : 'there', served: { name, address, netmask } }
}

function isSame(one: Condition, other: Condition): boolean {
  if (one.is === 'lost' || other.is === 'lost') {
    return one.is === 'lost' && other.is === 'lost' && one.exists === other.exists
  }
  return one.is === other.is && isSameAddress(one.served, other.served)
}

function isSameAddress(one: ServedInterface, other: ServedInterface): boolean {
  return one.address === other.address && one.netmask === other.netmask
}

/** One line for a person, with what to do. */
export function sentenceOf(change: InterfaceChange): string {
  const { name, address } = change.served
  switch (change.kind) {
    case 'lost':
      return change.exists
        ? `${name} has lost its address ${address}: nobody is served there until it has one again. Is the cable plugged in? Otherwise: ${hints.switchOn(name)}; ${hints.addAddress(address, prefixOf(change.served), name)}`
        : `${name} is gone: nobody is served there until it is back. Plug the adapter in again`
    case 'unplugged':
      return `${name} (${address}) is not connected: plug the cable in, and switch on what is at its other end`
    case 'returned':
      return `${name} (${address}) is connected, and served`
    case 'moved':
      return `${name} has the address ${change.to.address} instead of ${address}: everything is served there from now on. Start machines again that are on their way`
  }
}

function prefixOf({ netmask }: ServedInterface): number {
  const bits = netmask.split('.').map((byte) => Number(byte).toString(2).replaceAll('0', '').length)
  return bits.reduce((sum, count) => sum + count, 0)
}
