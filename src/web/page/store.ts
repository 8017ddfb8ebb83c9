/** What the page knows of the room: the last whole status with all changes since. */
import type {
  Status,
  StatusChange,
  StatusEvent,
  StatusMachine,
  StatusServer,
  StatusSwarm,
  StatusTraffic,
} from '../../status/model.ts'

const EVENTS_KEPT = 100
const TRAFFIC_KEPT = 300

export interface Room {
  readonly server: StatusServer | undefined
  /** By MAC address. */
  readonly machines: ReadonlyMap<string, StatusMachine>
  readonly swarms: readonly StatusSwarm[]
  readonly traffic: readonly StatusTraffic[]
  /** Oldest first. */
  readonly events: readonly StatusEvent[]
}

export class Store implements Room {
  server: StatusServer | undefined
  readonly machines = new Map<string, StatusMachine>()
  swarms: readonly StatusSwarm[] = []
  traffic: StatusTraffic[] = []
  events: StatusEvent[] = []
  /** How far the server's clock is ahead of ours, in milliseconds. */
  #ahead = 0
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** The time on the server's clock. */
  get time(): number {
    return this.#now() + this.#ahead
  }

  begin({ time, server, machines, swarms, traffic, events }: Status): void {
    this.#ahead = time - this.#now()
    this.server = server
    this.machines.clear()
    for (const machine of machines) this.machines.set(machine.mac, machine)
    this.swarms = swarms
    this.traffic = [...traffic]
    this.events = [...events]
  }

  change({ time, machines = [], forgotten = [], swarms, traffic = [], events = [] }: StatusChange): void {
    this.#ahead = time - this.#now()
    for (const machine of machines) this.machines.set(machine.mac, machine)
    for (const mac of forgotten) this.machines.delete(mac)
    if (swarms !== undefined) this.swarms = swarms
    this.traffic = [...this.traffic, ...traffic].slice(-TRAFFIC_KEPT)
    this.events = [...this.events, ...events].slice(-EVENTS_KEPT)
  }
}

/** Machines that boot, in the order of their names, as people count them: pc-2 before pc-10. */
export function bootingMachines({ machines }: Room): StatusMachine[] {
  return [...machines.values()].filter(({ isBooting }) => isBooting).sort((one, other) => byName(one, other))
}

const collator = new Intl.Collator('en', { numeric: true })

function byName(one: StatusMachine, other: StatusMachine): number {
  return collator.compare(nameOf(one), nameOf(other)) || collator.compare(one.mac, other.mac)
}

/** What a machine is called on the page. */
export function nameOf({ name, mac }: StatusMachine): string {
  return name ?? mac
}
