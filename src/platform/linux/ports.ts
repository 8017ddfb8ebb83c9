/**
 * Which program has a port: the kernel's table names a socket by its inode, and a process that has it open is its holder.
 * Looked up at once and not in the background: it is asked for when a start fails, and then there is nothing else to do.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { endianness } from 'node:os'
import type { PortHolder, Transport } from '../index.ts'

/** State of a TCP socket that listens, as the table has it. */
const LISTEN = '0A'

/** Undefined when nobody has the port, on systems without /proc, and when this user may not see the holder. */
export function findPortHolder(transport: Transport, address: string, port: number): PortHolder | undefined {
  const inodes = new Set([`${transport}`, `${transport}6`].flatMap((table) => socketsIn(table, address, port)))
  if (inodes.size === 0) return undefined
  for (const name of tryTo(() => readdirSync('/proc')) ?? []) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || !hasOneOf(pid, inodes)) continue
    const program = tryTo(() => readFileSync(`/proc/${pid}/comm`, 'utf8'))?.trim()
    return { pid, program: program || 'A program' }
  }
  return undefined
}

/** Whether somebody has the port, whoever it is. Undefined on systems without /proc. */
export function isPortTaken(transport: Transport, address: string, port: number): boolean | undefined {
  if (tryTo(() => readFileSync(`/proc/net/${transport}`)) === undefined) return undefined
  return [`${transport}`, `${transport}6`].some((table) => socketsIn(table, address, port).length > 0)
}

/**
 * Inodes of the sockets that stand in the way at an address and port. A line of the table: number, local, remote,
 * state, …, inode in column 10.
 */
function socketsIn(table: string, address: string, port: number): string[] {
  const text = tryTo(() => readFileSync(`/proc/net/${table}`, 'utf8')) ?? ''
  const inodes: string[] = []
  for (const line of text.split('\n').slice(1)) {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
    const [localAddress = '', localPort = ''] = local.split(':')
    if (Number.parseInt(localPort, 16) !== port || !overlap(localAddress, address)) continue
    if (table.startsWith('tcp') && state !== LISTEN) continue
    inodes.push(inode)
  }
  return inodes
}

/** Whether a socket at `local`, as the table writes it, keeps one from `address`: either may stand for all addresses. */
function overlap(local: string, address: string): boolean {
  if (/^0+$/.test(local) || address === '0.0.0.0' || address.includes(':')) return true
  const bytes = Buffer.from(address.split('.').map(Number))
  // The table shows the bytes in memory as a number of this machine. An IPv4 address in an IPv6 socket stands at its end.
  if (endianness() === 'LE') bytes.reverse()
  return local.endsWith(bytes.toString('hex').toUpperCase())
}

function hasOneOf(pid: number, inodes: ReadonlySet<string>): boolean {
  const folder = `/proc/${pid}/fd`
  return (tryTo(() => readdirSync(folder)) ?? []).some((descriptor) => {
    const target = tryTo(() => readlinkSync(`${folder}/${descriptor}`)) ?? ''
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1]
    return inode !== undefined && inodes.has(inode)
  })
}

/** Processes and descriptors come and go, and some are not for this user to see. */
function tryTo<Result>(look: () => Result): Result | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
