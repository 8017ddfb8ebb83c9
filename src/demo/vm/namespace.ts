/** A network namespace, held by a process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { BoottorrentError } from '../../errors.ts'
import { message, missingProgram } from './programs.ts'

export interface Holder {
  readonly process: ChildProcess
  /** Whether the namespace came with its own users, as an ordinary user needs it. */
  readonly ownUsers: boolean
}

/** Starts the process whose life is the namespace's: it ends when its standard input does, that is, when we die. */
export async function createNamespace(): Promise<Holder> {
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

export async function stopHolder(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.stdin?.end()
  await gone
}
