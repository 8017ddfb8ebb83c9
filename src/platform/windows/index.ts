/**
 * Not tried yet on Windows. Written from Microsoft's command reference (arp, netstat, tasklist), from the documentation of
 * Get-NetAdapter (class MSFT_NetAdapter), and from Node's on signals there.
 */
import { textNow, textOf } from '../ask.ts'
import { polledNeighbours } from '../find-neighbour.ts'
import type { Platform, PortHolder, Transport } from '../index.ts'
import { readAdapters } from './adapters.ts'
import { readArp } from './arp.ts'
import { readNetstat, readTasklist } from './netstat.ts'

export const windows: Platform = {
  // PowerShell takes about a second to start, and interfaces are looked at once a second.
  otherInterfaces: async () => ({}),
  linkState: async (name) => (await adapter(name))?.state,
  mtuOf: async (name) => (await adapter(name))?.mtu,
  createNeighbours: (now) => polledNeighbours(async () => readArp(await textOf('arp', '-a')), now),
  portHolder,
  isPortTaken: (transport, address, port) => pidsOf(transport, address, port).length > 0,
  // There is nothing like a process group that loses the terminal.
  isInBackground: () => false,
  // There is no SIGTERM. SIGHUP is the console window being closed, after which ten seconds are left.
  signals: () => ({ end: ['SIGINT', 'SIGBREAK', 'SIGHUP'], reload: [] }),
}

async function adapter(name: string) {
  const command = 'Get-NetAdapter | Select-Object Name,InterfaceAdminStatus,MediaConnectState,MtuSize | ConvertTo-Json'
  const adapters = readAdapters(await textOf('powershell', '-NoProfile', '-NonInteractive', '-Command', command))
  return adapters.find((one) => one.name === name)
}

function pidsOf(transport: Transport, address: string, port: number): number[] {
  return readNetstat(textNow('netstat', '-ano', '-p', transport.toUpperCase()), transport, address, port)
}

function portHolder(transport: Transport, address: string, port: number): PortHolder | undefined {
  const [pid] = pidsOf(transport, address, port)
  if (pid === undefined) return undefined
  const program = readTasklist(textNow('tasklist', '/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH'))
  return { pid, program: program ?? 'A program' }
}
