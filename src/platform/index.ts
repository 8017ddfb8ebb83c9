/**
 * What differs between operating systems, in one place: each of them is an object of this shape. Linux is what the tests run on.
 * macOS and Windows are written from their documentation and **have not been tried there yet**; what reads the output of their
 * programs is tested with texts in the documented form.
 *
 * Whatever a system does not tell is undefined or empty, and whoever asks goes on without it.
 */
import type { Interfaces } from '../environment/interfaces.ts'
import type { FindNeighbour } from './find-neighbour.ts'
import { type Hints, hintsFor } from './hints.ts'
import { linux } from './linux/index.ts'
import { macos } from './macos/index.ts'
import { windows } from './windows/index.ts'

export type { FindNeighbour } from './find-neighbour.ts'
export { type Hints, hintsFor } from './hints.ts'

export interface Platform {
  /** Interfaces that Node leaves out: those without an address or with nobody at the other end of the cable. */
  otherInterfaces(): Promise<Interfaces>
  linkState(interfaceName: string): Promise<LinkState | undefined>
  /** Bytes of the largest packet that the interface takes. */
  mtuOf(interfaceName: string): Promise<number | undefined>
  /** What the system knows of the machines on its networks (ARP). @param now milliseconds of any steady clock */
  createNeighbours(now: () => number): FindNeighbour
  /** Which program has a port; undefined when nobody has it, or when this user may not see who. Waits for what it asks. */
  portHolder(transport: Transport, address: string, port: number): PortHolder | undefined
  /** Whether somebody has it, whoever it is. */
  isPortTaken(transport: Transport, address: string, port: number): boolean | undefined
  /** Whether the terminal belongs to another program now: one that reads keys would be stopped (`boottorrent start &`). */
  isInBackground(): boolean
  /** Signals that ask to end, and those that ask to read the configuration again. */
  readonly signals: (hasTerminal: boolean) => Signals
}

/** `off`: switched off here. `unplugged`: nobody is at the other end of the cable. */
export type LinkState = 'up' | 'off' | 'unplugged'

export type Transport = 'udp' | 'tcp'

export interface PortHolder {
  readonly pid: number
  /** Name of the program, `dnsmasq`. */
  readonly program: string
}

export interface Signals {
  readonly end: readonly NodeJS.Signals[]
  readonly reload: readonly NodeJS.Signals[]
}

/** Systems without an object of their own, such as FreeBSD, are as Linux without its tables: nothing is found in them. */
export function platformFor(name: NodeJS.Platform): Platform {
  if (name === 'win32') return windows
  return name === 'darwin' ? macos : linux
}

/** This computer's. */
export const platform: Platform = platformFor(process.platform)

/** What people type on this computer. */
export const hints: Hints = hintsFor(process.platform)
