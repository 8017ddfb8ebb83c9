/** The boot layer: its bytes on the wire, which do not scale with the swarm, and the time from power-on to the menu. */
import { kernelFlavours } from '../client/contract.ts'
import { loadClientPackage } from '../src/client-package.ts'
import { type CaseGoal, type Competitor, compete, type Suite } from './harness.ts'
import { measureWithoutLoader, roads, secondsUntil, withoutLoader } from './room.ts'

/** Bytes that a machine loads: kernel, base and common drivers. */
const layers = { '686': 9.6e6, '686-pae': 9.7e6, amd64: 12.8e6 }
/** Bytes of one segment, so that the layers reach their goals with Debian's kernels. */
const segments = { base: 2.3e6, 'drivers, 686': 1.59e6, 'drivers, 686-pae': 1.6e6, 'drivers, amd64': 2.27e6 }
/**
 * The time to the menu without firmware, loader and transfer, as a part of that with them. Of the latter, 13 seconds with QEMU's
 * iPXE of 2019 are a wait for IPv6, and UEFI collects offers for 4.
 */
const RATIO = 0.25

const bytes = (name: string, goal: number): CaseGoal => ({
  case: name,
  unit: 'bytes',
  better: 'lower',
  goal,
  peers: [],
})

const toMenu = (road: string) => `to the menu: ${road}`

const goals: CaseGoal[] = [
  ...Object.entries(layers).map(([flavour, goal]) => bytes(`together, ${flavour}`, goal)),
  ...Object.entries(segments).map(([name, goal]) => bytes(name, goal)),
  ...roads.map(({ name }): CaseGoal => {
    return { case: toMenu(name), unit: 's', better: 'lower', goal: RATIO, peers: [withoutLoader] }
  }),
]

export const suite: Suite = async (options) => {
  const ours: Competitor = {
    name: 'boottorrent',
    async measure() {
      const measured: Record<string, number> = { ...(await sizes()) }
      for (const road of roads) {
        const seconds = await secondsUntil('menu', road)
        measured[toMenu(road.name)] = seconds
        options.note(`${road.name}: ${seconds.toFixed(1)} s`)
      }
      return measured
    },
  }
  const direct: Competitor = {
    name: withoutLoader,
    async measure() {
      const measured = Object.entries(await measureWithoutLoader('menu'))
      return Object.fromEntries(measured.map(([road, seconds]) => [toMenu(road), seconds]))
    },
  }
  return { rows: await compete(ours, [direct], goals, options) }
}

async function sizes(): Promise<Record<string, number>> {
  const { manifest } = await loadClientPackage()
  const bytesOf = (name: string) => manifest.artifacts.find(({ file }) => file === name)?.bytes ?? Number.NaN
  const base = bytesOf(manifest.segments.base)
  const measured: Record<string, number> = { base }
  for (const flavour of kernelFlavours) {
    const drivers = bytesOf(manifest.segments.drivers[flavour])
    measured[`drivers, ${flavour}`] = drivers
    measured[`together, ${flavour}`] = bytesOf(manifest.kernels[flavour].file) + base + drivers
  }
  return measured
}
