/** Who has a UDP port: the kernel's table names a socket by its inode, and a process that has it open is its holder. */
import { readdir, readFile, readlink } from 'node:fs/promises'

export interface PortHolder {
  readonly pid: number
  /** Name of the program, `dnsmasq`. */
  readonly program: string
}

/** Undefined when nobody has the port, on systems without /proc, and when this user may not see the holder. */
export async function findPortHolder(port: number): Promise<PortHolder | undefined> {
  const inodes = await socketsOnPort(port)
  if (inodes.size === 0) return undefined
  for (const name of await readdir('/proc').catch(() => [])) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || !(await hasOneOf(pid, inodes))) continue
    const program = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
    return { pid, program: program.trim() || 'a program' }
  }
  return undefined
}

/** Inodes of the sockets on a local port. A line of the table: number, local, remote, state, …, inode in column 10. */
async function socketsOnPort(port: number): Promise<Set<string>> {
  const tables = await Promise.all(['udp', 'udp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')))
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const rows = tables.flatMap((table) => table.split('\n').slice(1)).map((line) => line.trim().split(/\s+/))
  return new Set(rows.filter(([, local = '']) => local.endsWith(suffix)).map((row) => row[9] ?? ''))
}

async function hasOneOf(pid: number, inodes: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`
  for (const descriptor of await readdir(folder).catch(() => [])) {
    const target = await readlink(`${folder}/${descriptor}`).catch(() => '')
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1]
    if (inode !== undefined && inodes.has(inode)) return true
  }
  return false
}
