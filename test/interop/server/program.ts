/** `boottorrent start` in a namespace, with an environment of one small system. */
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { LogEntry } from '../../../src/log.ts'
import type { Host } from '../dhcp/lan.ts'
import { lines } from '../dhcp/network.ts'

export const program = path.resolve(import.meta.dirname, '../../../dist/boottorrent.js')

export interface TestEnvironment extends AsyncDisposable {
  readonly directory: string
  /** Writes Boottorrent.yaml, without its version. */
  write(text: string): Promise<void>
}

export async function createEnvironment(): Promise<TestEnvironment> {
  const directory = await mkdtemp(path.join(tmpdir(), 'boottorrent-interfaces-'))
  await mkdir(path.join(directory, 'oss/demo'), { recursive: true })
  await writeFile(path.join(directory, 'oss/demo/vmlinuz'), Buffer.alloc(300_000, 'a kernel '))
  await writeFile(path.join(directory, 'oss/demo/config.yaml'), 'dispname: Demo\nmethod: kexec\nkernel: vmlinuz\n')
  return {
    directory,
    write: (text) => writeFile(path.join(directory, 'Boottorrent.yaml'), `version: 1\n${text}\n`),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
}

export interface RunningProgram extends AsyncDisposable {
  readonly said: readonly LogEntry[]
  /** The first entry of this event, old or new, behind the first `from` entries. */
  waitFor(event: string, from?: number): Promise<LogEntry>
}

/** Starts it; done when it is ready. */
export async function startProgram(host: Host, directory: string, launcher: string[] = []): Promise<RunningProgram> {
  const child = host.spawn(...launcher, process.execPath, program, 'start', directory, '--json')
  const said: LogEntry[] = []
  const rest: string[] = []
  const waiting = new Set<() => void>()
  let ended = false
  const wake = () => {
    for (const look of waiting) look()
  }
  lines(child.stdout, (line) => {
    said.push(JSON.parse(line) as LogEntry)
    wake()
  })
  lines(child.stderr, (line) => rest.push(line))
  child.once('close', () => {
    ended = true
    wake()
  })
  const waitFor: RunningProgram['waitFor'] = (event, from = 0) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const entry = said.slice(from).find((one) => one.event === event)
        if (entry === undefined && !ended) return
        waiting.delete(look)
        const told = () => [...said.map((one) => JSON.stringify(one)), ...rest].join('\n')
        if (entry === undefined) reject(new Error(`it ended without ${event}:\n${told()}`))
        else resolve(entry)
      }
      waiting.add(look)
      look()
    })
  const stop = async () => {
    if (ended) return
    child.kill('SIGTERM')
    await once(child, 'close')
  }
  try {
    await waitFor('server.ready')
  } catch (error) {
    await stop()
    throw error
  }
  return { said, waitFor, [Symbol.asyncDispose]: stop }
}
