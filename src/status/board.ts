import { EventEmitter } from 'node:events'
import type { MachineStep, Machines } from '../machines/index.ts'
import { describeDetail, describeMachine } from './describe.ts'
import type {
  CountedSwarm,
  SeededBytes,
  ServedSystem,
  StatusBoard,
  StatusBoardEvents,
  StatusBoardOptions,
} from './index.ts'
import type { Status, StatusChange, StatusEvent, StatusMachine, StatusMachineDetail, StatusServer } from './model.ts'
import { TrafficMeter } from './traffic-meter.ts'

const EVENTS_KEPT = 100
/** Milliseconds between two messages of changes. */
const TICK = 500
/** Milliseconds between two looks at who is stuck. */
const CHECK = 1000
/** Steps that are told again and again: they change the machine, and are no news. */
const NO_NEWS: ReadonlySet<string> = new Set(['progress'])

export class Board extends EventEmitter<StatusBoardEvents> implements StatusBoard {
  readonly #machines: Machines
  #server: StatusServer
  /** Every address that the server has in the room. */
  #addresses: ReadonlySet<string>
  readonly #now: () => number
  readonly #meter: TrafficMeter
  #systems: readonly ServedSystem[] = []
  readonly #counted = new Map<string, CountedSwarm>()
  readonly #uploaded = new Map<string, number>()
  readonly #events: StatusEvent[] = []
  #lastEvent = 0
  #lastCheck = 0
  #timer: NodeJS.Timeout | undefined
  // What changed since the last message.
  readonly #changed = new Set<string>()
  readonly #forgotten = new Set<string>()
  #haveSwarmsChanged = false
  #newEvents: StatusEvent[] = []

  constructor({ machines, server, actions = [], now = Date.now }: StatusBoardOptions) {
    super()
    // Each browser that looks on is a listener.
    this.setMaxListeners(0)
    this.#machines = machines
    this.#now = now
    this.#meter = new TrafficMeter()
    this.#server = { ...server, startedAt: now(), actions }
    this.#addresses = new Set([server.address])
    machines.on('step', (step) => this.#onStep(step))
    machines.on('stuck', ({ mac, stuck }) => this.note('stuck', stuck.reason, mac))
    machines.on('change', (mac) => {
      this.#changed.add(mac)
      this.#forgotten.delete(mac)
    })
    machines.on('forgotten', (mac) => {
      this.#forgotten.add(mac)
      this.#changed.delete(mac)
    })
  }

  start(): void {
    this.#timer ??= setInterval(() => this.tick(), TICK).unref()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  snapshot(): Status {
    const machines = this.#machines.list().flatMap((machine) => this.#describe(machine.mac))
    return {
      version: 1,
      time: this.#now(),
      server: this.#server,
      machines,
      swarms: this.#swarms(),
      traffic: this.#meter.samples,
      events: [...this.#events],
    }
  }

  machine(mac: string): StatusMachineDetail | undefined {
    const machine = this.#machines.get(mac)
    return machine && describeDetail(machine, this.#whoIs)
  }

  locate(interfaces: readonly { readonly name: string; readonly address: string }[]): void {
    const [first] = interfaces
    if (first !== undefined) this.#server = { ...this.#server, interface: first.name, address: first.address }
    this.#addresses = new Set(interfaces.map(({ address }) => address))
  }

  serve(systems: readonly ServedSystem[]): void {
    this.#systems = systems
    this.#haveSwarmsChanged = true
  }

  countSwarms(swarms: readonly CountedSwarm[]): void {
    for (const swarm of swarms) this.#counted.set(swarm.infoHash, swarm)
    this.#haveSwarmsChanged = true
  }

  countSeeded(totals: readonly SeededBytes[]): void {
    for (const { infoHash, uploaded } of totals) this.#uploaded.set(infoHash, uploaded)
    this.#haveSwarmsChanged = true
  }

  note(kind: Exclude<StatusEvent['kind'], 'step'>, text: string, mac?: string): void {
    this.#happened({ kind, mac: mac ?? null, step: null, text, source: 'host', time: this.#now() })
  }

  tick(): void {
    const time = this.#now()
    if (time - this.#lastCheck >= CHECK) {
      this.#lastCheck = time
      this.#machines.check()
    }
    const change = this.#gather(time)
    if (change !== undefined) this.emit('change', change)
  }

  #gather(time: number): StatusChange | undefined {
    const sample = this.#meter.measure(time, this.#uploadedInAll(), () => this.#speedAmongPeers())
    const machines = [...this.#changed].flatMap((mac) => this.#describe(mac))
    const change: StatusChange = {
      version: 1,
      time,
      ...(machines.length > 0 ? { machines } : {}),
      ...(this.#forgotten.size > 0 ? { forgotten: [...this.#forgotten] } : {}),
      ...(this.#haveSwarmsChanged ? { swarms: this.#swarms() } : {}),
      ...(sample === undefined ? {} : { traffic: [sample] }),
      ...(this.#newEvents.length > 0 ? { events: this.#newEvents } : {}),
    }
    this.#changed.clear()
    this.#forgotten.clear()
    this.#haveSwarmsChanged = false
    this.#newEvents = []
    // Version and time alone are no news.
    return Object.keys(change).length > 2 ? change : undefined
  }

  #onStep({ mac, step, detail, source, time }: MachineStep): void {
    if (NO_NEWS.has(step)) return
    const last = this.#events.findLast((event) => event.mac === mac)
    if (last?.step === step && last.text === detail) return
    this.#happened({ kind: 'step', mac, step, text: detail, source, time })
  }

  #happened(event: Omit<StatusEvent, 'id'>): void {
    this.#lastEvent += 1
    const numbered = { id: this.#lastEvent, ...event }
    for (const events of [this.#events, this.#newEvents]) {
      events.push(numbered)
      if (events.length > EVENTS_KEPT) events.shift()
    }
  }

  #describe(mac: string): StatusMachine[] {
    const machine = this.#machines.get(mac)
    const described = machine && describeMachine(machine, this.#whoIs)
    return described === undefined ? [] : [described]
  }

  readonly #whoIs = (address: string): string | undefined => {
    return this.#addresses.has(address) ? 'server' : this.#machines.macOf(address)
  }

  #swarms() {
    return this.#systems.map(({ name, displayName, infoHash, bytes }) => {
      const { complete = 0, incomplete = 0 } = this.#counted.get(infoHash) ?? {}
      const uploaded = this.#uploaded.get(infoHash) ?? 0
      return { name, displayName, infoHash, bytes, complete, incomplete, uploaded }
    })
  }

  #uploadedInAll(): number {
    return [...this.#uploaded.values()].reduce((sum, bytes) => sum + bytes, 0)
  }

  /** What machines that download now say they get from anybody but the server. */
  #speedAmongPeers(): number {
    let speed = 0
    for (const machine of this.#machines.list()) {
      const { step, progress } = machine.boot ?? {}
      if (step?.step !== 'progress' || progress === undefined) continue
      for (const peer of progress.peers) if (!this.#addresses.has(peer.address)) speed += peer.down
    }
    return speed
  }
}
