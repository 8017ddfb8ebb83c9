/** Whether the ports of each service are free, who holds them otherwise, and whether this user may bind them. */
import { portInUse } from '../bind-error.ts'
import type { Configuration, ServedInterface } from '../environment/index.ts'
import type { BoottorrentError } from '../errors.ts'
import type { Hints, PortHolder, Transport } from '../platform/index.ts'
import { type CheckResult, failure, failureOf, ok, warning } from './result.ts'

export interface PortFacts {
  readonly hints: Hints
  /** Binds and frees it. @returns the error that the service would fail with */
  tryPort(port: WantedPort): Promise<BoottorrentError | undefined>
  /** As the system's tables say, which need no right. Undefined when there are none. */
  isPortTaken(port: WantedPort): boolean | undefined
  portHolder(port: WantedPort): PortHolder | undefined
  /** Whether a boottorrent answers at this address. */
  isServed(url: string): Promise<boolean>
}

/** A port that a service will bind. */
export interface WantedPort {
  /** Name of the check: `tftp-port`. */
  readonly check: string
  /** The service in words: `TFTP`. */
  readonly service: string
  readonly transport: Transport
  /** IPv4. */
  readonly address: string
  readonly port: number
}

interface RunningServer {
  /** Undefined when this user may not see it. */
  readonly pid: number | undefined
}

interface Trial {
  readonly wanted: WantedPort
  readonly error: BoottorrentError | undefined
}

/** Every port that `start` binds, in the order of a boot. */
export function wantedPorts(configuration: Configuration, served: readonly ServedInterface[]): WantedPort[] {
  const { network, tftp, http, tracker, seeder } = configuration
  const on = (isOn: boolean, check: string, service: string, transport: Transport, port: number): WantedPort[] =>
    isOn ? served.map(({ address }) => ({ check, service, transport, address, port })) : []
  const hasDhcp = network.mode !== 'off'
  const broadcasts = { check: 'dhcp-port', service: 'DHCP', transport: 'udp', address: '255.255.255.255', port: 67 }
  return [
    ...on(hasDhcp, 'dhcp-port', 'DHCP', 'udp', 67),
    ...(hasDhcp ? [broadcasts as WantedPort] : []),
    ...on(hasDhcp, 'pxe-port', 'the PXE boot server', 'udp', 4011),
    ...on(tftp.enabled, 'tftp-port', 'TFTP', 'udp', tftp.port),
    ...on(true, 'http-port', 'HTTP', 'tcp', http.port),
    ...on(tracker.enabled, 'tracker-port', 'the tracker', 'tcp', tracker.port),
    ...on(tracker.enabled, 'tracker-port', 'the tracker', 'udp', tracker.port),
    ...on(true, 'seeder-port', 'the seeder', 'tcp', seeder.port),
  ]
}

/** One result for the rights, and one for each service. */
export async function checkPorts(wanted: readonly WantedPort[], facts: PortFacts): Promise<CheckResult[]> {
  const trials: Trial[] = []
  // One after the other: two sockets of ours would stand in each other's way.
  for (const one of wanted) trials.push({ wanted: one, error: await facts.tryPort(one) })
  const refused = trials.filter(({ error }) => error?.code === 'PERMISSION').map(({ wanted }) => wanted)
  const looked = trials.map((trial) => lookUp(trial, facts))
  const running = await runningServer(looked, facts)
  const checks = [...new Set(wanted.map(({ check }) => check))]
  const ports = checks.map((check) => {
    const ofService = looked.filter((trial) => trial.wanted.check === check)
    return portResult(check, ofService, running, facts)
  })
  return [rightsResult(refused, facts.hints), ...ports]
}

/** What may not be bound can still be seen to be taken. */
function lookUp({ wanted, error }: Trial, facts: PortFacts): Trial {
  const { transport, service, address, port } = wanted
  if (error?.code !== 'PERMISSION') return { wanted, error }
  const isTaken = facts.isPortTaken(wanted)
  if (isTaken === undefined) return { wanted, error }
  return { wanted, error: isTaken ? portInUse(transport, service, address, port) : undefined }
}

function rightsResult(refused: readonly WantedPort[], hints: Hints): CheckResult {
  if (refused.length === 0) return ok('rights', 'This user may bind every port that is needed')
  const ports = [...new Set(refused.map(({ port }) => port))].sort((a, b) => a - b)
  const message = `This user may not bind the port${ports.length === 1 ? '' : 's'} ${ports.join(', ')}`
  return failure('rights', 'PERMISSION', message, hints.bindLowPorts(ports[0] ?? 0))
}

/** The boottorrent that runs here already: whoever has the port that it answers on. */
async function runningServer(trials: readonly Trial[], facts: PortFacts): Promise<RunningServer | undefined> {
  const taken = trials.find(({ wanted, error }) => wanted.check === 'http-port' && error?.code === 'PORT_IN_USE')
  if (taken === undefined) return undefined
  const { address, port } = taken.wanted
  if (!(await facts.isServed(`http://${address}:${port}/`))) return undefined
  return { pid: facts.portHolder(taken.wanted)?.pid }
}

/** Of several addresses of one service, the first that fails is told. */
function portResult(
  name: string,
  trials: readonly Trial[],
  running: RunningServer | undefined,
  facts: PortFacts,
): CheckResult {
  const places = placesOf(trials)
  const failed = trials.find(({ error }) => error !== undefined)
  if (failed?.error === undefined) return ok(name, `${places}: free`)
  if (failed.error.code === 'PERMISSION') return warning(name, `${places}: not tried`, 'It needs the right above.')
  const isOurs = running !== undefined && facts.portHolder(failed.wanted)?.pid === running.pid
  if (failed.error.code !== 'PORT_IN_USE' || !isOurs) return failureOf(name, failed.error)
  const process = running.pid === undefined ? '' : ` (process ${running.pid})`
  return ok(name, `${places}: the boottorrent that runs here has it${process}`)
}

/** `TCP 10001, UDP 10001`. */
function placesOf(trials: readonly Trial[]): string {
  const places = trials.map(({ wanted }) => `${wanted.transport.toUpperCase()} ${wanted.port}`)
  return [...new Set(places)].join(', ')
}
