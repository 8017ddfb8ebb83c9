/** Where a process spends its time, for a reader who wants to know what the limit is. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/**
 * Shares of the processor time that the process `pid` uses while `work` goes on, as one sentence: kernel (and in it sending and
 * receiving), native code of Node and its libraries, JavaScript. Without `perf`, or the right to use it, kernel and rest alone.
 */
export async function profile(pid: number, work: () => Promise<unknown>): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-profile-'))
  const data = path.join(folder, 'perf.data')
  const before = processorTicks(pid)
  const perf = spawn('perf', ['record', '-q', '-g', '-F', '999', '-p', `${pid}`, '-o', data], { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => perf.once('error', () => resolve()).once('exit', () => resolve()))
  try {
    await work()
    perf.kill('SIGINT')
    await ended
    return describe(shares(data, '--no-children', 'dso'), shares(data, '--children', 'sym'))
  } catch {
    const after = processorTicks(pid)
    const [user, system] = [after.user - before.user, after.system - before.system]
    return `kernel ${percent((100 * system) / (user + system))}, the rest ${percent((100 * user) / (user + system))} (without perf)`
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Percent by name, as `perf report` prints them. */
function shares(data: string, children: string, key: 'dso' | 'sym'): Map<string, number> {
  const words = ['report', '-i', data, children, '-g', 'none', '--sort', key, '--stdio', '-q']
  const report = execFileSync('perf', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const found = new Map<string, number>()
  for (const line of report.split('\n')) {
    const match = /^\s*([\d.]+)%(?:\s+[\d.]+%)?\s+(?:\[[.k]\]\s+)?(\S.*?)\s*$/.exec(line)
    if (match?.[2] !== undefined) found.set(match[2], (found.get(match[2]) ?? 0) + Number(match[1]))
  }
  if (found.size === 0) throw new Error('perf saw nothing')
  return found
}

function describe(places: Map<string, number>, symbols: Map<string, number>): string {
  const sum = (isIt: (name: string) => boolean) =>
    [...places].filter(([name]) => isIt(name)).reduce((total, [, share]) => total + share, 0)
  const kernel = sum((name) => name.startsWith('[kernel') || name.startsWith('[k]'))
  const native = sum((name) => name === 'node' || name.includes('.so') || name === '[vdso]')
  const javascript = Math.max(0, sum(() => true) - kernel - native)
  const sending = symbols.get('__sys_sendmsg') ?? 0
  const receiving = symbols.get('__sys_recvmsg') ?? 0
  return (
    `kernel ${percent(kernel)} (sending ${percent(sending)}, receiving ${percent(receiving)}), ` +
    `native code of Node ${percent(native)}, JavaScript ${percent(javascript)}`
  )
}

function percent(share: number): string {
  return `${Math.round(share)} %`
}

/** Processor time so far, in ticks: fields 14 and 15 of stat, counted behind the name in brackets. */
function processorTicks(pid: number): { user: number; system: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { user: Number(fields[11]), system: Number(fields[12]) }
}
