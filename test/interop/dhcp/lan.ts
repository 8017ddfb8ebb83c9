/**
 * A private network for tests: a bridge with the server's address in one network namespace, and further namespaces as
 * machines on it. Works as root, and as an ordinary user where user namespaces are allowed. Everything in it ends with
 * this process, for the holders of the namespaces read from a pipe that closes then.
 */
import { type ChildProcess, type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'

const run = promisify(execFile)

type Holder = ChildProcessByStdio<Writable, Readable, null>

const HOLD = 'ip link set lo up && echo ready && exec cat'

export interface Host {
  /** Command line that runs `command` in this namespace. */
  inside(...command: string[]): [string, string[]]
  run(...command: string[]): Promise<string>
  spawn(...command: string[]): ChildProcessByStdio<null, Readable, Readable>
}

export interface Lan extends Host, AsyncDisposable {
  /** A machine with one interface, eth0, on the bridge or on another one. */
  host(mac: string, on?: string): Promise<Host>
  /** A tap device on the bridge, for QEMU. */
  tap(): Promise<string>
  close(): Promise<void>
}

/** @param address with its prefix length, as `172.30.0.1/24` */
export async function createLan(address: string, bridge = 'lan0'): Promise<Lan> {
  const isRoot = process.getuid?.() === 0
  const holders: Holder[] = []
  const children = new Set<ChildProcess>()
  const enter = (pid: number) =>
    isRoot ? ['-t', `${pid}`, '-n'] : ['-t', `${pid}`, '-U', '-n', '--preserve-credentials']
  const hold = async (command: string, words: string[]): Promise<number> => {
    const holder = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'] })
    holders.push(holder)
    await once(holder.stdout, 'data')
    return holder.pid as number
  }
  const hostOf = (pid: number): Host => {
    const inside = (...command: string[]): [string, string[]] => ['nsenter', [...enter(pid), ...command]]
    return {
      inside,
      run: async (...command) => (await run(...inside(...command))).stdout,
      spawn: (...command) => {
        const child = spawn(...inside(...command), { stdio: ['ignore', 'pipe', 'pipe'] })
        children.add(child)
        child.once('exit', () => children.delete(child))
        return child
      },
    }
  }

  const unshare = isRoot ? ['-n'] : ['-U', '-r', '-n']
  const pid = await hold('unshare', [...unshare, 'sh', '-c', HOLD])
  const lan = hostOf(pid)
  await lan.run('ip', 'link', 'add', bridge, 'type', 'bridge')
  await lan.run('ip', 'address', 'add', address, 'dev', bridge)
  await lan.run('ip', 'link', 'set', bridge, 'up')
  let count = 0

  const close = async () => {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all([...children].map((child) => once(child, 'exit')))
    for (const holder of holders) {
      holder.stdin.end()
      if (holder.exitCode === null) await once(holder, 'exit')
    }
  }
  return {
    ...lan,
    async host(mac, on = bridge) {
      count += 1
      const port = `port${count}`
      const [command, words] = lan.inside('unshare', '-n', 'sh', '-c', HOLD)
      const inner = await hold(command, words)
      await lan.run(
        'ip',
        'link',
        'add',
        port,
        'type',
        'veth',
        'peer',
        'name',
        'eth0',
        'address',
        mac,
        'netns',
        `${inner}`,
      )
      await lan.run('ip', 'link', 'set', port, 'master', on, 'up')
      const host = hostOf(inner)
      await host.run('ip', 'link', 'set', 'eth0', 'up')
      return host
    },
    async tap() {
      count += 1
      const name = `tap${count}`
      await lan.run('ip', 'tuntap', 'add', name, 'mode', 'tap')
      await lan.run('ip', 'link', 'set', name, 'master', bridge, 'up')
      return name
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
