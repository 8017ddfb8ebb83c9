/** Which machines are shown, and in which order. */
import type { StatusMachine } from '../../status/index.ts'
import { stateOf } from './words.ts'

export const sorts = ['state', 'name', 'progress', 'speed', 'address'] as const
export type Sort = (typeof sorts)[number]

/** Whoever needs a person comes first, then those on their way, then those that are done. */
const ranks = ['stuck', 'failed', 'download', 'seeding', 'menu', 'phase1', 'kernel', 'loader', 'dhcp', 'started']

type Compare = (one: StatusMachine, other: StatusMachine) => number

const compares: { readonly [sort in Sort]: Compare } = {
  state: (one, other) => rankOf(one) - rankOf(other),
  name: () => 0,
  progress: (one, other) => wayOf(other) - wayOf(one),
  speed: (one, other) => speedOf(other) - speedOf(one),
  address: (one, other) => addressNumber(one) - addressNumber(other),
}

/** The machines that fit the filter, in order; those that are alike by their names. */
export function arrange(machines: Iterable<StatusMachine>, sort: Sort, filter: string): StatusMachine[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  return [...machines]
    .filter((machine) => fits(machine, words))
    .sort((one, other) => compares[sort](one, other) || byName(one, other))
}

function fits(machine: StatusMachine, words: readonly string[]): boolean {
  if (words.length === 0) return true
  const { mac, name, address, firmware, step } = machine
  const text = [mac, name, address, firmware, stateOf(machine), step.detail].join(' ').toLowerCase()
  return words.every((word) => text.includes(word))
}

/** `pc-9` stands before `pc-10`; machines without a name behind those that have one. */
const byNumber = new Intl.Collator('en', { numeric: true })

function byName(one: StatusMachine, other: StatusMachine): number {
  if ((one.name === null) !== (other.name === null)) return one.name === null ? 1 : -1
  return byNumber.compare(one.name ?? one.mac, other.name ?? other.mac) || byNumber.compare(one.mac, other.mac)
}

function rankOf(machine: StatusMachine): number {
  return machine.isBooting ? ranks.indexOf(stateOf(machine)) : ranks.length
}

/** How far it is: from 0 to 100 within its download, a step before or behind that. */
function wayOf(machine: StatusMachine): number {
  if (machine.phase === 'download') return machine.progress?.percent ?? 0
  return machine.phase === 'seeding' || machine.phase === 'started' ? 101 : -1
}

function speedOf({ progress }: StatusMachine): number {
  return progress === null ? 0 : progress.down + progress.up
}

function addressNumber({ address }: StatusMachine): number {
  if (address === null) return Number.POSITIVE_INFINITY
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0)
}
