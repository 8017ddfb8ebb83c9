/**
 * A lesson in which machines that do not exist boot: it fills a {@link ShownRoom} with what real ones would make their
 * server see and report, second by second, the same in every run. For pictures of the page, and to see how many it bears.
 */
import type { ClientPeer, ClientProgress } from '../../client/contract.ts'
import { type ShownRoom, serverAddress } from './shown-room.ts'

/** Bytes of the system: 64 parts of 8 MB. */
const PART = 8_000_000
const PARTS = 64
const TOTAL = PART * PARTS
const INFO_HASH = 'c0ffee'.padEnd(40, '0')
/** Bytes per second. */
const UPLINK = 24_000_000
const LINK = 9_000_000

interface Actor {
  readonly mac: string
  readonly address: string
  readonly name: string
  readonly firmware: string
  /** Second in which it is switched on. */
  readonly on: number
  readonly parts: Set<number>
  fromServer: number
  fromPeers: number
  /** What comes and goes just now, by the address at the other end. */
  readonly flows: Map<string, { down: number; up: number }>
  /** Parts of a part that have come. */
  rest: number
  doneAt: number | undefined
}

export interface Lesson {
  /** Lets one second pass. */
  second(): void
}

/** Sets the room up. Every tenth machine or so has a fault, which is part of the picture. */
export function beginLesson(room: ShownRoom, count: number): Lesson {
  const random = pseudoRandom(7)
  const actors = Array.from({ length: count }, (_, index) => actor(index, count))
  const byAddress = new Map(actors.map((one) => [one.address, one]))
  let at = 0
  let uploaded = 0
  room.board.serve([{ name: 'debian', displayName: 'Debian 12', infoHash: INFO_HASH, bytes: TOTAL }])
  room.board.countSwarms([{ infoHash: INFO_HASH, complete: 1, incomplete: 0 }])

  function second(): void {
    at += 1
    const loading = actors.filter((one) => at >= one.on + 24 && one.doneAt === undefined && !isLost(one))
    for (const one of actors) one.flows.clear()
    exchange(loading)
    for (const one of actors) script(room, one, at)
    const complete = actors.filter(({ doneAt }) => doneAt !== undefined && at < doneAt + 20).length
    room.board.countSwarms([{ infoHash: INFO_HASH, complete: complete + 1, incomplete: loading.length }])
    room.board.countSeeded([{ infoHash: INFO_HASH, uploaded }])
    room.pass(1)
  }

  /** Each machine asks the server and a few others for parts it lacks. */
  function exchange(loading: readonly Actor[]): void {
    const seeds = actors.filter(({ doneAt }) => doneAt !== undefined && at < doneAt + 20)
    const held = new Map<number, number>()
    for (const one of actors) for (const part of one.parts) held.set(part, (held.get(part) ?? 0) + 1)
    const rare = Array.from({ length: PARTS }, (_, part) => part).sort(
      (a, b) => (held.get(a) ?? 0) - (held.get(b) ?? 0),
    )
    const served = shuffled(loading).slice(0, 5)
    for (const one of loading) {
      const givers = shuffled([...loading, ...seeds].filter((other) => other !== one && has(other, one))).slice(0, 4)
      let left = LINK
      if (served.includes(one)) left -= receive(one, serverAddress, Math.min(UPLINK / served.length, left * 0.6), rare)
      for (const giver of givers) {
        left -= receive(one, giver.address, (left / givers.length) * (0.6 + random() * 0.4), [...giver.parts])
      }
      if (one.parts.size === PARTS) one.doneAt = at
    }
  }

  function receive(one: Actor, from: string, speed: number, parts: readonly number[]): number {
    const bytes = Math.round(speed)
    const flow = one.flows.get(from) ?? { down: 0, up: 0 }
    one.flows.set(from, { ...flow, down: bytes })
    const giver = byAddress.get(from)
    if (giver === undefined) {
      one.fromServer += bytes
      uploaded += bytes
      room.machines.send(one.address, bytes)
    } else {
      one.fromPeers += bytes
      giver.flows.set(one.address, { down: giver.flows.get(one.address)?.down ?? 0, up: bytes })
    }
    for (one.rest += bytes; one.rest >= PART; one.rest -= PART) {
      const next = parts.find((part) => !one.parts.has(part))
      if (next !== undefined) one.parts.add(next)
    }
    return bytes
  }

  function shuffled<Item>(items: readonly Item[]): Item[] {
    return items
      .map((item) => ({ item, order: random() }))
      .sort((a, b) => a.order - b.order)
      .map(({ item }) => item)
  }

  return { second }
}

function actor(index: number, count: number): Actor {
  const number = String(index + 1).padStart(2, '0')
  return {
    mac: `52:54:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`,
    address: `192.168.1.${index + 20}`,
    name: index === 0 ? 'teacher' : `pc-${number}`,
    firmware: index % 3 === 0 ? 'bios' : 'uefi-x64',
    on: 1 + Math.round((index * 60) / count),
    parts: new Set(),
    fromServer: 0,
    fromPeers: 0,
    flows: new Map(),
    rest: 0,
    doneAt: undefined,
  }
}

/** One in eleven gets no further than its boot loader. */
function isLost({ address }: Actor): boolean {
  return Number(address.split('.')[3]) % 11 === 8
}

function has(other: Actor, one: Actor): boolean {
  return [...other.parts].some((part) => !one.parts.has(part))
}

/** What the server sees of this machine in this second, and what it says. */
function script({ machines }: ShownRoom, one: Actor, at: number): void {
  const { mac, address, firmware, name } = one
  const since = at - one.on
  if (since === 0) {
    machines.discover(mac, firmware, { netboot: true, ipxe: false })
    machines.describe(mac, { name, firmware })
  }
  if (since === 3) {
    machines.bind(mac, address)
    machines.observe(mac, 'address', address)
  }
  if (since === 5) machines.observe(mac, 'loader', 'snponly.efi by TFTP')
  if (isLost(one)) return
  if (since === 7) machines.observe(mac, 'script', 'boot.ipxe by HTTP')
  if (since === 9) machines.observe(mac, 'kernel', 'vmlinuz-amd64 by HTTP')
  if (since === 11) machines.observe(mac, 'segments', 'environment.img by HTTP')
  if (since === 19) machines.observe(mac, 'phase1', name, 'client')
  if (since === 20) machines.observe(mac, 'menu', '2 systems', 'client')
  if (since === 23) machines.observe(mac, 'download', 'debian', 'client')
  if (since < 24) return
  const percent = Math.floor((done(one) / TOTAL) * 100)
  if (one.doneAt === undefined) machines.observe(mac, 'progress', `debian ${percent}%`, 'client', numbers(one))
  else if (at === one.doneAt) machines.observe(mac, 'complete', `debian verified ${since} s`, 'client', numbers(one))
  else if (at < one.doneAt + 20) machines.observe(mac, 'seeding', 'debian up to 20 s', 'client', numbers(one))
  else if (at === one.doneAt + 20) machines.observe(mac, 'start', 'debian kexec', 'client')
}

function done({ parts }: Actor): number {
  return parts.size * PART
}

function numbers(one: Actor): ClientProgress {
  const peers: ClientPeer[] = [...one.flows].map(([address, { down, up }]) => ({ address, down, up, progress: 0 }))
  const sum = (of: (peer: ClientPeer) => number) => peers.reduce((all, peer) => all + of(peer), 0)
  let pieces = ''
  for (let digit = 0; digit < PARTS / 4; digit++) {
    const bits = [0, 1, 2, 3].reduce((value, bit) => value * 2 + (one.parts.has(digit * 4 + bit) ? 1 : 0), 0)
    pieces += bits.toString(16)
  }
  return {
    done: done(one),
    total: TOTAL,
    down: sum(({ down }) => down),
    up: sum(({ up }) => up),
    fromServer: one.fromServer,
    fromPeers: one.fromPeers,
    pieces,
    peers: peers.slice(0, 16),
  }
}

/** Numbers from 0 to 1 that look random and are the same in every run (Lehmer). */
function pseudoRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
