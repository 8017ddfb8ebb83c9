/** The flags of `boottorrent demo`, as numbers. */
import { MOST_MACHINES } from '../demo/addresses.ts'
import { MOST_VIRTUAL } from '../demo/vm/network.ts'
import { BoottorrentError } from '../errors.ts'

export interface DemoFlags {
  readonly clients: string
  /** Real machines in QEMU. */
  readonly vm: string
  readonly uplink: string
  readonly link: string
  readonly size: string
  /** Whether a central server follows; left out, it does for rooms in which that does not take long. */
  readonly central?: boolean
  readonly stay?: boolean
  readonly json?: boolean
  /** False for plain lines on a terminal too. */
  readonly dashboard?: boolean
  readonly plain?: boolean
}

export interface DemoRoom {
  readonly clients: number
  /** Real machines in QEMU beside them. */
  readonly vm: number
  /** Bits per second of the host's cable and of each machine's. */
  readonly uplink: number
  readonly link: number
  /** Size of what each machine downloads. */
  readonly bytes: number
  readonly central: boolean
}

const SLOWEST = 1e5
const FASTEST = 1e10
const SMALLEST = 1e6
const LARGEST = 1e9
/** A central server takes so many times as long as the swarm. */
const MOST_BY_DEFAULT = 25

/** @throws BoottorrentError USAGE */
export function demoRoom(flags: DemoFlags): DemoRoom {
  const clients = Number(flags.clients)
  if (!/^\d+$/.test(flags.clients) || clients < 1 || clients > MOST_MACHINES) {
    throw wrong('clients', flags.clients, `Write a number of machines from 1 to ${MOST_MACHINES}.`)
  }
  const vm = Number(flags.vm)
  if (!/^\d+$/.test(flags.vm) || vm > MOST_VIRTUAL) {
    throw wrong('vm', flags.vm, `Write a number of virtual machines from 0 to ${MOST_VIRTUAL}.`)
  }
  return {
    clients,
    vm,
    uplink: speedOf('uplink', flags.uplink),
    link: speedOf('link', flags.link),
    bytes: sizeOf(flags.size),
    central: flags.central ?? clients <= MOST_BY_DEFAULT,
  }
}

/** Bits per second, as tc(8) writes them: `20mbit`. */
function speedOf(flag: string, text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([kmg])bit$/i.exec(text) ?? []
  const speed = Number(number) * ({ k: 1e3, m: 1e6, g: 1e9 }[unit.toLowerCase()] ?? Number.NaN)
  if (speed >= SLOWEST && speed <= FASTEST) return speed
  throw wrong(flag, text, 'Write a speed from 100kbit to 10gbit, like 20mbit.')
}

/** Bytes: `16MB`, or `16MiB` in powers of 2. */
function sizeOf(text: string): number {
  const [, number, unit = '', binary] = /^(\d+(?:\.\d+)?)([mg])(i)?b?$/i.exec(text) ?? []
  const power = { m: 2, g: 3 }[unit.toLowerCase()] ?? Number.NaN
  const bytes = Math.round(Number(number) * (binary === undefined ? 1000 : 1024) ** power)
  if (bytes >= SMALLEST && bytes <= LARGEST) return bytes
  throw wrong('size', text, 'Write a size from 1MB to 1GB, like 64MB.')
}

function wrong(flag: string, text: string, hint: string): BoottorrentError {
  return new BoottorrentError('USAGE', `--${flag} ${text} cannot be used.`, { hint })
}
