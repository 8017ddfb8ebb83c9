import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { BoottorrentError } from '../../errors.ts'
import { createNamespace, stopHolder } from './namespace.ts'
import { message, Programs } from './programs.ts'

/**
 * A LAN of its own inside this computer: a network namespace with a bridge, to which virtual machines are plugged by tap
 * devices. Nothing that is sent in it leaves it, so a DHCP server there disturbs nobody.
 *
 * It needs no root where users may make namespaces: an ordinary user then is root inside the namespace and nowhere else.
 */
export interface Lan {
  /** Name of the bridge, which is the server's interface. */
  readonly interface: string
  /** The server's address on it. */
  readonly address: string
  readonly prefix: number
  /** Starts a program on this LAN. It is killed when the LAN is closed and when this process ends, in whatever way. */
  spawn(command: string, args: readonly string[], options?: SpawnOptions): ChildProcess
  /** Runs a program on this LAN to its end and returns what it wrote. Fails when its exit status is not 0. */
  run(command: string, args: readonly string[]): Promise<string>
  /** Plugs one more tap device into the bridge and returns its name, which a virtual machine then takes. */
  tap(): Promise<string>
  /** Ends every program on this LAN, then the LAN. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface LanOptions {
  /** The server's address and prefix length on the bridge. */
  readonly address?: string
  readonly interface?: string
}

/**
 * Makes a LAN.
 *
 * @throws BoottorrentError PERMISSION when this user may not make namespaces or tap devices here, FILE when a system
 * program is missing; the hint says what to do.
 */
export async function createLan(options: LanOptions = {}): Promise<Lan> {
  const name = options.interface ?? 'lan0'
  const [address = '', prefix = '24'] = (options.address ?? '172.30.0.1/24').split('/')
  await checkTun()
  const holder = await createNamespace()
  const enter = ['nsenter', '--target', String(holder.process.pid), '--net', ...(holder.ownUsers ? ownUsers : []), '--']
  const programs = new Programs(enter)
  const run = (command: string, args: readonly string[]) => programs.run(command, args)

  async function close(): Promise<void> {
    await programs[Symbol.asyncDispose]()
    await stopHolder(holder.process)
  }

  try {
    await run('ip', ['link', 'set', 'lo', 'up'])
    await run('ip', ['link', 'add', name, 'type', 'bridge', 'forward_delay', '0', 'stp_state', '0'])
    await run('ip', ['address', 'add', `${address}/${prefix}`, 'broadcast', '+', 'dev', name])
    await run('ip', ['link', 'set', name, 'up'])
  } catch (cause) {
    await close()
    if (cause instanceof BoottorrentError) throw cause
    throw new BoottorrentError('PERMISSION', `A network of our own could not be set up: ${message(cause)}`, {
      hint: 'The kernel needs bridges (modprobe bridge), and inside a container the right to make network devices.',
      cause,
    })
  }

  return {
    interface: name,
    address,
    prefix: Number(prefix),
    spawn: (command, args, spawnOptions) => programs.spawn(command, args, spawnOptions),
    run,
    tap: tapsOf(programs, name),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** A program that was started on a LAN plugs in virtual machines by itself. @param name of the bridge */
export function joinLan(name: string): Pick<Lan, 'spawn' | 'tap'> & AsyncDisposable {
  const programs = new Programs()
  return {
    spawn: (command, args, options) => programs.spawn(command, args, options),
    tap: tapsOf(programs, name),
    [Symbol.asyncDispose]: () => programs[Symbol.asyncDispose](),
  }
}

function tapsOf(programs: Programs, bridge: string): Lan['tap'] {
  let taps = 0
  return async () => {
    const tap = `tap${taps++}`
    await programs.run('ip', ['tuntap', 'add', 'dev', tap, 'mode', 'tap'])
    await programs.run('ip', ['link', 'set', tap, 'master', bridge, 'up'])
    return tap
  }
}

const ownUsers = ['--user', '--preserve-credentials']

/** Virtual machines reach the bridge through /dev/net/tun. */
async function checkTun(): Promise<void> {
  const device = '/dev/net/tun'
  try {
    await access(device, constants.R_OK | constants.W_OK)
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw new BoottorrentError('PERMISSION', `${device} ${missing ? 'is not there' : 'is not open to this user'}`, {
      hint: missing
        ? 'Load it with: modprobe tun. In a container, start it with --device /dev/net/tun.'
        : 'Run it as root, or open the device: sudo chmod 666 /dev/net/tun',
      cause,
    })
  }
}
