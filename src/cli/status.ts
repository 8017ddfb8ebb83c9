import { BoottorrentError } from '../errors.ts'
import { printable } from '../log.ts'
import type { Status, StatusMachine, StatusSwarm } from '../status/index.ts'
import { formatBytes, formatDuration, formatSpeed } from '../ui/format.ts'
import { exitCodes } from './exit-codes.ts'
import { type Io, inColor } from './io.ts'
import { askStatus, servedEnvironment } from './running-server.ts'

export interface StatusOptions extends Readonly<Record<string, unknown>> {
  readonly json?: boolean
}

/** `boottorrent status`: says what the running server knows of the room. */
export async function status(directory: string, options: StatusOptions, io: Io): Promise<number> {
  const environment = await servedEnvironment(directory, options, io)
  const known = await askStatus(environment)
  if (known === undefined) {
    throw new BoottorrentError('NOT_RUNNING', `No boottorrent answers on ${environment.url}.`, {
      hint: 'Start it with "boottorrent start", or name the folder, interface or port that it was started with.',
    })
  }
  if (options.json) io.stdout.write(`${JSON.stringify(known, null, 2)}\n`)
  else io.stdout.write(describe(known, environment.url, inColor(io.stdout, io.env)))
  return exitCodes.done
}

/** The whole answer for a person. */
export function describe(known: Status, url: string, color: boolean): string {
  const { server, time, swarms } = known
  const machines = known.machines.filter(({ isBooting }) => isBooting)
  const others = known.machines.length - machines.length
  const uptime = formatDuration((time - server.startedAt) / 1000)
  return [
    `boottorrent ${server.program} serves ${server.interface} (${server.address}) for ${uptime}: ${url}`,
    ...swarms.map(describeSwarm),
    `${summary(machines)}${others > 0 ? `; ${others} other devices asked for an address` : ''}`,
    ...(machines.length > 0 ? ['', ...table(machines, time, color)] : []),
    '',
  ].join('\n')
}

function describeSwarm({ displayName, bytes, complete, incomplete, uploaded }: StatusSwarm): string {
  const times = bytes > 0 ? ` (${(uploaded / bytes).toFixed(1)} times its size)` : ''
  return `${displayName}: ${complete} have it, ${incomplete} want it; the server sent ${formatBytes(uploaded)}${times}`
}

function summary(machines: readonly StatusMachine[]): string {
  const count = (isIt: (machine: StatusMachine) => boolean) => machines.filter(isIt).length
  const stuck = count((machine) => machine.stuck !== null)
  const started = count(({ phase }) => phase === 'started')
  const words = `${machines.length} machine${machines.length === 1 ? '' : 's'}, ${started} started, ${stuck} stuck`
  return machines.length === 0 ? 'No machine has asked to be booted yet' : words
}

function table(machines: readonly StatusMachine[], time: number, color: boolean): string[] {
  const bold = (text: string) => (color ? `\u001b[1m${text}\u001b[0m` : text)
  const red = (text: string) => (color ? `\u001b[31m${text}\u001b[0m` : text)
  const rows = machines.map((machine) => [
    machine.name ?? machine.mac,
    machine.address ?? '-',
    machine.firmware ?? '-',
    stepOf(machine),
    formatDuration((time - machine.since) / 1000),
  ])
  const head = ['MACHINE', 'ADDRESS', 'FIRMWARE', 'STEP', 'FOR']
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [
    bold(line(head)),
    ...machines.flatMap((machine, index) => {
      const reason = machine.stuck?.reason
      const row = line(rows[index] ?? [])
      return reason === undefined ? [row] : [row, red(`  stuck: ${printable(reason, 300)}`)]
    }),
  ]
}

function stepOf({ phase, step, progress, boot }: StatusMachine): string {
  if (phase === 'started') return boot.seconds === null ? 'started' : `started after ${formatDuration(boot.seconds)}`
  if (phase === 'download' && progress) return `download ${progress.percent} %, ${formatSpeed(progress.down)}`
  if (phase === 'seeding' && progress) return `seeding, ${formatSpeed(progress.up)}`
  return step.step === phase ? phase : `${phase} (${step.step})`
}
