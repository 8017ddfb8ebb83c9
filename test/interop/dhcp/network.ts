/** A network with a server in it, and what tests ask of both. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { DhcpServerOptions } from '../../../src/dhcp/index.ts'
import type { LogEntry } from '../../../src/log.ts'
import type { Host } from './lan.ts'

export const SERVER = { name: 'lan0', address: '172.30.0.1', netmask: '255.255.255.0' }
export const POOL = { first: '172.30.0.100', last: '172.30.0.200', leaseSeconds: 3600 }

export type ServeOptions = Partial<Omit<DhcpServerOptions, 'bootFile' | 'reservations'>> & {
  /** By hardware address. */
  fixed?: Record<string, { address?: string; hostname?: string }>
  /** Whether to listen on the TFTP port, to see what is asked for. */
  tftp?: boolean
  /** The same for HTTP. */
  http?: boolean
}

export interface RunningServer extends AsyncDisposable {
  readonly pid: number
  readonly log: readonly LogEntry[]
  /** The first entry, old or new, that fits; fails with the whole log when it does not come in time. */
  waitFor(fits: (entry: LogEntry) => boolean, what: string, timeoutMs?: number): Promise<LogEntry>
  /** How many entries there are of an event. */
  count(event: string): number
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** For servers that are asked on the loopback interface: no namespace at all. */
export const thisMachine: Host = {
  inside: (...command) => [command[0] ?? '', command.slice(1)],
  run: async () => '',
  spawn: (command = '', ...words) => spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] }),
}

/** Starts `serve.ts` in a namespace; done when it listens. */
export async function serve(host: Host, options: ServeOptions = {}, launcher: string[] = []): Promise<RunningServer> {
  const script = fileURLToPath(new URL('serve.ts', import.meta.url))
  const all = { interfaces: [SERVER], mode: 'dhcp', pool: POOL, ...options }
  const child = host.spawn(...launcher, process.execPath, script, JSON.stringify(all))
  const log: LogEntry[] = []
  const errors: string[] = []
  const listeners = new Set<() => void>()
  lines(child.stdout, (line) => {
    log.push(JSON.parse(line) as LogEntry)
    for (const listener of listeners) listener()
  })
  lines(child.stderr, (line) => errors.push(line))

  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'close')
  }
  const waitFor: RunningServer['waitFor'] = (fits, what, timeoutMs = 20_000) =>
    new Promise((resolve, reject) => {
      const finish = () => {
        clearTimeout(timer)
        listeners.delete(look)
      }
      const fail = () => {
        finish()
        const told = [...log.map((entry) => JSON.stringify(entry)), ...errors].join('\n')
        reject(new Error(`${what}: did not happen within ${timeoutMs} ms. The server said:\n${told}`))
      }
      const look = () => {
        const entry = log.find(fits)
        if (entry === undefined) return
        finish()
        resolve(entry)
      }
      const timer = setTimeout(fail, timeoutMs)
      listeners.add(look)
      look()
    })
  const server: RunningServer = {
    pid: child.pid as number,
    log,
    waitFor,
    count: (event) => log.filter((entry) => entry.event === event).length,
    stop,
    [Symbol.asyncDispose]: () => stop(),
  }
  await waitFor(({ event }) => event === 'dhcp.listening', 'the start of the server')
  return server
}

/** Calls `take` with every whole line. */
export function lines(stream: Readable, take: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const parts = `${rest}${text}`.split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) if (line !== '') take(line)
  })
}

/** Runs a command to its end; answers its exit code and everything it printed. */
export async function runToEnd(host: Host, ...command: string[]): Promise<{ code: number | null; output: string }> {
  const child = host.spawn(...command)
  let output = ''
  const take = (line: string) => {
    output += `${line}\n`
  }
  lines(child.stdout, take)
  lines(child.stderr, take)
  const [code] = await once(child, 'close')
  return { code, output }
}

/** Waits for a line of a running program that fits. */
export function lineOf(child: ChildProcessByStdio<null, Readable, Readable>, fits: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const take = (line: string) => {
      if (fits.test(line)) resolve(line)
    }
    lines(child.stdout, take)
    lines(child.stderr, take)
    child.once('close', () => reject(new Error(`the program ended without a line like ${fits}`)))
  })
}

/** Asks for an address with busybox's client; answers what its script is told, such as `ip` and `router`. */
export async function udhcpc(host: Host, ...more: string[]): Promise<Record<string, string>> {
  const script = fileURLToPath(new URL('udhcpc.sh', import.meta.url))
  const { output } = await runToEnd(host, 'busybox', 'udhcpc', '-f', '-q', '-n', '-i', 'eth0', '-s', script, ...more)
  const told = [...output.matchAll(/^LEASE (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value])
  return Object.fromEntries(told)
}

/** Another maker's DHCP server, which gives 172.30.0.50 to 60. */
export async function foreignServer(host: Host): Promise<void> {
  await host.run('ip', 'address', 'add', '172.30.0.2/24', 'dev', 'eth0')
  const words = ['--port=0', '--no-ping', '--leasefile-ro', '--user=root', '--conf-file=/dev/null']
  const child = host.spawn('dnsmasq', '--no-daemon', ...words, '--dhcp-range=172.30.0.50,172.30.0.60')
  await lineOf(child, /DHCP, IP range/)
}
