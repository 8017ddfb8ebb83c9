/** `boottorrent demo --vm`: the same command once more, on a private network inside this computer. */
import { once } from 'node:events'
import { demoAddresses } from '../demo/addresses.ts'
import { handDoor, takeDoor } from '../demo/vm/door.ts'
import { createLan, joinLan } from '../demo/vm/lan.ts'
import { BRIDGE_ADDRESS, SIMULATED_WORDS, vmAddresses } from '../demo/vm/network.ts'
import { requirePrograms } from '../demo/vm/required.ts'
import { exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'

/** Tells the inner one of the two that it is there. */
const INSIDE = 'BOOTTORRENT_DEMO_INSIDE'

export function isInsideLan({ env }: Io): boolean {
  return env[INSIDE] !== undefined && process.connected
}

/**
 * Runs this command line there. The network is gone when this process is, and everything on it.
 *
 * @returns the exit code
 * @throws BoottorrentError USAGE when programs are missing, PERMISSION when this user may not make such a network
 */
export async function demoOnLan(io: Io): Promise<number> {
  await requirePrograms(io.env)
  await using lan = await createLan({ interface: vmAddresses.interface, address: BRIDGE_ADDRESS })
  await lan.run('ip', SIMULATED_WORDS)
  const child = lan.spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...io.env, [INSIDE]: '1' },
  })
  // A terminal sends Ctrl+C to the child as well; a second SIGINT would mean "end at once".
  const passOn = (signal: NodeJS.Signals) => {
    if (signal !== 'SIGINT' || io.terminal === undefined) child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, passOn)
  try {
    const ended = once(child, 'exit')
    await handDoor(child, demoAddresses(process.pid).host)
    const [code] = await ended
    return code ?? exitCodes.failure
  } finally {
    for (const signal of signals) process.off(signal, passOn)
  }
}

/** What the inner one of the two gives its virtual machines and its page. */
export async function enterLan(machines: number) {
  await using opened = new AsyncDisposableStack()
  const door = opened.use(await takeDoor())
  const lan = opened.use(joinLan(vmAddresses.interface))
  const kept = opened.move()
  return { machines, lan, door, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}
