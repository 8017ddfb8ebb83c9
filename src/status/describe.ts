/** Machines as the status tells of them. */
import type { ClientProgress } from '../../client/contract.ts'
import type { Machine, MachineStep, Step } from '../machines/index.ts'
import type { Phase, StatusMachine, StatusMachineDetail, StatusPeer, StatusProgress, StatusStep } from './model.ts'

const phases: { readonly [step in Step]: Phase } = {
  discover: 'dhcp',
  address: 'dhcp',
  loader: 'loader',
  script: 'loader',
  kernel: 'kernel',
  segments: 'kernel',
  phase1: 'phase1',
  menu: 'menu',
  download: 'download',
  progress: 'download',
  complete: 'seeding',
  seeding: 'seeding',
  start: 'started',
  running: 'started',
  failed: 'failed',
  trouble: 'dhcp',
}

/** Finds what is behind an address: `server`, a MAC address, or undefined. */
export type WhoIs = (address: string) => string | undefined

/** Undefined for a machine that has done nothing yet. */
export function describeMachine(machine: Machine, whoIs: WhoIs): StatusMachine | undefined {
  const { mac, name, address, firmware, isBooting, boot, received, lastSeen } = machine
  if (boot === undefined) return undefined
  const { number, startedAt, step, since, times, stuck, progress } = boot
  const end = times.start
  return {
    mac,
    name: name ?? null,
    address: address ?? null,
    firmware: firmware ?? null,
    isBooting,
    phase: phases[step.step],
    step: describeStep(step),
    since,
    boot: { number, startedAt, seconds: end === undefined ? null : (end - startedAt) / 1000, times },
    stuck: stuck ?? null,
    progress: progress === undefined ? null : describeProgress(progress, whoIs),
    received,
    lastSeen,
  }
}

export function describeDetail(machine: Machine, whoIs: WhoIs): StatusMachineDetail | undefined {
  const described = describeMachine(machine, whoIs)
  return described && { ...described, uuid: machine.uuid ?? null, timeline: machine.timeline.map(describeStep) }
}

function describeStep({ time, step, detail, source }: MachineStep): StatusStep {
  return { time, step, detail, source }
}

function describeProgress(progress: ClientProgress, whoIs: WhoIs): StatusProgress {
  const { done, total, down, up, fromServer, fromPeers, pieces, peers } = progress
  const percent = total > 0 ? Math.floor((done / total) * 100) : 0
  const told = peers.map((peer): StatusPeer => {
    return { id: whoIs(peer.address) ?? peer.address, down: peer.down, up: peer.up }
  })
  return { done, total, percent, down, up, fromServer, fromPeers, pieces: pieces ?? null, peers: told }
}
