import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, constants } from 'node:fs/promises'
import { BoottorrentError } from '../../src/errors.ts'

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

/** Seconds a program gets to end by itself after SIGTERM. */
const endTimeout = 5

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
  const enter = ['--target', String(holder.process.pid), '--net', ...(holder.ownUsers ? ownUsers : []), '--']
  const running = new Set<ChildProcess>()
  let taps = 0

  /**
   * `nsenter` becomes `setpriv`, which becomes the program: the process we know is the program itself, and the kernel
   * kills it when we die.
   */
  function start(command: string, args: readonly string[], spawnOptions: SpawnOptions = {}): ChildProcess {
    const child = spawn('nsenter', [...enter, 'setpriv', '--pdeathsig', 'KILL', command, ...args], spawnOptions)
    running.add(child)
    child.once('exit', () => running.delete(child))
    child.once('error', () => running.delete(child))
    return child
  }

  const run = (command: string, args: readonly string[]) => finished(command, start(command, args))

  async function close(): Promise<void> {
    await Promise.all([...running].map(stopProcess))
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
    throw new BoottorrentError('PERMISSION', `A test LAN could not be set up: ${message(cause)}`, {
      hint: 'The kernel needs bridges (modprobe bridge), and inside a container the right to make network devices.',
      cause,
    })
  }

  return {
    interface: name,
    address,
    prefix: Number(prefix),
    spawn: start,
    run,
    async tap() {
      const tap = `tap${taps++}`
      await run('ip', ['tuntap', 'add', 'dev', tap, 'mode', 'tap'])
      await run('ip', ['link', 'set', tap, 'master', name, 'up'])
      return tap
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

const ownUsers = ['--user', '--preserve-credentials']

interface Holder {
  readonly process: ChildProcess
  /** Whether the namespace came with its own users, as an ordinary user needs it. */
  readonly ownUsers: boolean
}

/** Starts the process whose life is the namespace's: it ends when its standard input does, that is, when we die. */
async function createNamespace(): Promise<Holder> {
  const root = process.getuid?.() === 0
  const failures: string[] = []
  // Root inside a container may lack the right to make a network namespace but still may make one with its own users.
  for (const own of root ? [false, true] : [true]) {
    const flags = own ? ['--user', '--map-root-user', '--net'] : ['--net']
    const child = spawn('unshare', [...flags, 'sh', '-c', 'echo ready; exec cat >/dev/null'])
    try {
      await ready(child)
      return { process: child, ownUsers: own }
    } catch (error) {
      if (error instanceof BoottorrentError) throw error
      failures.push(message(error))
    }
  }
  throw new BoottorrentError(
    'PERMISSION',
    `This computer did not give us a network of our own: ${failures.join('; ')}`,
    {
      hint: root
        ? 'Run it outside of the container, or give the container the SYS_ADMIN and NET_ADMIN capabilities.'
        : 'Run it as root, or open user namespaces: sysctl -w kernel.unprivileged_userns_clone=1 (Debian), kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu).',
    },
  )
}

/** Resolves when the holder lives in its namespace; fails with what `unshare` says. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let complaint = ''
    child.stderr?.on('data', (chunk) => {
      complaint += chunk
    })
    child.stdout?.once('data', () => resolve())
    child.once('error', (error) => reject(missingProgram('unshare', error)))
    child.once('close', () => reject(new Error(complaint.trim() || 'unshare ended at once')))
  })
}

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

/** Waits for a program's end and returns its standard output. */
function finished(command: string, child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    let complaint = ''
    child.stdout?.on('data', (chunk) => {
      output += chunk
    })
    child.stderr?.on('data', (chunk) => {
      complaint += chunk
    })
    child.once('error', (error) => reject(missingProgram('nsenter', error)))
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output)
      // This is how setpriv ends when it cannot find the program.
      else if (code === 127 && complaint.includes('failed to execute')) reject(missingProgram(command))
      else reject(new Error(`${command} failed (${signal ?? code}): ${complaint.trim() || output.trim()}`))
    })
  })
}

/** Asks a process to end, kills it when it does not, and returns once it is gone. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), endTimeout * 1000)
  await gone
  clearTimeout(timer)
}

async function stopHolder(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.stdin?.end()
  await gone
}

/** The error to throw for a program that did not start; other failures stay what they are. */
function missingProgram(command: string, cause?: NodeJS.ErrnoException): Error {
  if (cause && cause.code !== 'ENOENT') return cause
  return new BoottorrentError('FILE', `The program "${command}" is missing`, {
    hint: 'On Debian, "ip" is in the package iproute2, and "unshare", "nsenter" and "setpriv" are in util-linux.',
    cause,
  })
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
