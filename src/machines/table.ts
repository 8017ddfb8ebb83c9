import { EventEmitter } from 'node:events'
import type { ClientProgress } from '../../client/contract.ts'
import { printable } from '../log.ts'
import { Entry } from './entry.ts'
import type { Machine, MachineFacts, MachineStep, Machines, MachinesEvents } from './index.ts'
import { beginsBoot, type Source, type Step, type Voice } from './steps.ts'

/** Milliseconds after which a machine that was not seen is forgotten: a lesson's break is shorter, a night is longer. */
const MEMORY = 24 * 3600 * 1000
/** The same for one that only asked for an address: a telephone that passed by. */
const MEMORY_OF_PASSERS_BY = 10 * 60 * 1000
const NAME_LENGTH = 64

interface TableOptions {
  readonly now: () => number
  readonly limit: number
  readonly strangerLimit: number
}

export class MachineTable extends EventEmitter<MachinesEvents> implements Machines {
  /** Each in the order in which machines were seen last. */
  readonly #known = new Map<string, Entry>()
  readonly #strangers = new Map<string, Entry>()
  readonly #macByAddress = new Map<string, string>()
  readonly #now: () => number
  readonly #limit: number
  readonly #strangerLimit: number

  constructor({ now, limit, strangerLimit }: TableOptions) {
    super()
    this.#now = now
    this.#limit = limit
    this.#strangerLimit = strangerLimit
  }

  observe(mac: string, step: Step, detail: string, source: Source = 'host', progress?: ClientProgress): void {
    const isMere = step === 'discover' || step === 'address' || step === 'trouble'
    const entry = this.#see(mac, source === 'host' && step !== 'discover')
    // Whoever fetches a boot file or reports a step boots, whatever it asked for before.
    if (!isMere) entry.isBooting = true
    this.#add(entry, { mac, step, detail: printable(detail, 256), source, time: this.#now() }, false, progress)
  }

  discover(mac: string, detail: string, voice: Voice): void {
    const before = this.#entry(mac)
    const silence = before === undefined ? 0 : this.#now() - before.lastSeen
    const isNewBoot = beginsBoot(voice, before?.step, silence)
    const entry = this.#see(mac, false)
    entry.isBooting ||= voice.netboot
    // Phase-1 hands over without an address, so whoever asks for one now without wanting to boot is the system.
    const isSystem = !voice.netboot && entry.step === 'start'
    const step = isSystem ? 'running' : 'discover'
    const said = isSystem ? `its system asks for an address (${detail})` : detail
    this.#add(entry, { mac, step, detail: printable(said, 256), source: 'host', time: this.#now() }, isNewBoot)
  }

  describe(mac: string, { name, firmware, uuid }: MachineFacts, source: Source = 'host'): void {
    const entry = this.#see(mac, false)
    const clean = name === undefined || name === '' ? undefined : printable(name, NAME_LENGTH)
    entry.describe({ name: clean, firmware, uuid }, source)
    this.emit('change', mac)
  }

  bind(mac: string, address: string, source: Source = 'host'): void {
    const owner = this.#macByAddress.get(address)
    const isGiven = owner !== undefined && this.#entry(owner)?.addressSource === 'host'
    // What the host gave is neither claimed by another machine, nor changed by whoever says to be this one.
    if (source === 'client' && (isGiven || this.#hasGivenAddress(mac))) return
    const entry = this.#see(mac, source === 'host')
    if (entry.address === address && entry.addressSource === 'host' && owner === mac) return
    this.#release(entry)
    entry.address = address
    entry.addressSource = source
    this.#macByAddress.set(address, mac)
    this.emit('change', mac)
  }

  send(address: string, bytes: number): void {
    const mac = this.macOf(address)
    const entry = mac === undefined ? undefined : this.#entry(mac)
    if (entry === undefined || bytes <= 0) return
    entry.received += bytes
    this.emit('change', entry.mac)
  }

  macOf(address: string): string | undefined {
    return this.#macByAddress.get(address)
  }

  get(mac: string): Machine | undefined {
    return this.#entry(mac)?.toMachine()
  }

  list(): Machine[] {
    const entries = [...this.#strangers.values(), ...this.#known.values()]
    return entries.sort((one, other) => one.lastSeen - other.lastSeen).map((entry) => entry.toMachine())
  }

  check(): void {
    const now = this.#now()
    for (const entries of [this.#known, this.#strangers]) {
      for (const [mac, entry] of entries) {
        const memory = entry.step === undefined || entry.step === 'discover' ? MEMORY_OF_PASSERS_BY : MEMORY
        if (now - entry.lastSeen > memory) this.#forget(entries, mac)
        else this.#checkEntry(entry, now)
      }
    }
  }

  #checkEntry(entry: Entry, now: number): void {
    const { mac, stuck: before } = entry
    if (!entry.check(now)) return
    const { stuck } = entry
    if (stuck !== undefined && stuck.reason !== before?.reason) this.emit('stuck', { mac, stuck })
    this.emit('change', mac)
  }

  #add(entry: Entry, step: MachineStep, isNewBoot: boolean, progress?: ClientProgress): void {
    entry.add(step, progress, isNewBoot)
    this.emit('step', step)
    // Whoever gets on is not stuck any more, and whoever failed is at once.
    this.#checkEntry(entry, step.time)
    this.emit('change', entry.mac)
  }

  #entry(mac: string): Entry | undefined {
    return this.#known.get(mac) ?? this.#strangers.get(mac)
  }

  /** The entry of a machine, moved to the end of its map, which is so ordered by when machines were seen last. */
  #see(mac: string, isKnown: boolean): Entry {
    const entry = this.#entry(mac) ?? new Entry(mac, this.#now())
    entry.lastSeen = this.#now()
    entry.isKnown ||= isKnown
    this.#known.delete(mac)
    this.#strangers.delete(mac)
    const [entries, limit] = entry.isKnown
      ? [this.#known, this.#limit]
      : ([this.#strangers, this.#strangerLimit] as const)
    entries.set(mac, entry)
    const [oldest] = entries.keys()
    if (entries.size > limit && oldest !== undefined) this.#forget(entries, oldest)
    return entry
  }

  #hasGivenAddress(mac: string): boolean {
    const { address, addressSource } = this.#entry(mac) ?? {}
    return address !== undefined && addressSource === 'host' && this.#macByAddress.get(address) === mac
  }

  #forget(entries: Map<string, Entry>, mac: string): void {
    const entry = entries.get(mac)
    if (entry === undefined) return
    entries.delete(mac)
    this.#release(entry)
    this.emit('forgotten', mac)
  }

  /** The address of this machine is nobody's any more, unless somebody else has it by now. */
  #release({ mac, address }: Entry): void {
    if (address !== undefined && this.#macByAddress.get(address) === mac) this.#macByAddress.delete(address)
  }
}
