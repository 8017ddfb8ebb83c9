/** A server as a process of its own: its start and its end, and what it costs. */
import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

/**
 * For servers that do not tell when they are ready.
 *
 * @throws Error with what it said, when it ends within this time
 */
export async function untilSettled(server: ChildProcess, milliseconds: number): Promise<void> {
  const said: string[] = []
  const listen = (text: Buffer) => said.push(`${text}`)
  for (const output of [server.stdout, server.stderr]) output?.on('data', listen)
  await wait(milliseconds)
  // What it says later is read, so that it does not stand still, and not kept.
  for (const output of [server.stdout, server.stderr]) output?.off('data', listen).resume()
  if (server.exitCode !== null) throw new Error(`it ended at once with status ${server.exitCode}: ${said.join('')}`)
}

export async function endServer(server: ChildProcess): Promise<void> {
  server.kill('SIGTERM')
  if (server.exitCode === null && server.signalCode === null) await once(server, 'exit')
}

/** Seconds of processor time that a process and its ended children have used. Linux only. */
export function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name stands in brackets and may hold anything; utime, stime, cutime and cstime are fields 14 to 17.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0)
  return ticks / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
}

/** Bytes of memory that a process holds now. Linux only. */
export function residentBytes(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(found?.[1] ?? Number.NaN) * 1024
}
