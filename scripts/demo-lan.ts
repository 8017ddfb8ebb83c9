/** The LAN of `npm run demo`: a bridge for the virtual machine, and addresses for the simulated machines around it. */
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createLan, type Lan } from '../src/demo/vm/lan.ts'
import { writeDemoEnvironment } from '../test/lab/demo-environment.ts'
import { demoParts, labNetwork } from '../test/lab/lab.ts'

export interface DemoLan {
  readonly lan: Lan
  readonly environment: string
  /** Switches the simulated machines on; they wait in their menus until {@link DemoLan.go}. */
  switchOn(): void
  go(): void
}

/** From here speak simulated machines that have no address yet. */
const NOBODY = '172.30.0.254'
/** Outside of the range that the virtual machine gets an address of. */
const addressOf = (index: number) => `172.30.0.${200 + index}`
/** As the room of simulated machines names them. */
const macOf = (index: number) => `02:00:00:00:00:${(index + 1).toString(16).padStart(2, '0')}`

const PAYLOAD_BYTES = 16 * 1024 * 1024

/** @param simulated how many machines, up to 50 */
export async function openDemoLan(stack: AsyncDisposableStack, simulated: number): Promise<DemoLan> {
  const environment = await mkdtemp(path.join(tmpdir(), 'boottorrent-lab-'))
  stack.defer(() => rm(environment, { recursive: true, force: true }))
  const { interface: name, address, prefix, range } = labNetwork
  const lan = stack.use(await createLan({ interface: name, address: `${address}/${prefix}` }))
  const machines = Array.from({ length: simulated }, (_, index) => index)
  const rules = machines.map((index) => `{ mac: "${macOf(index)}", address: ${addressOf(index)} }`)
  const options = { style: 'version1', interface: name, address, range, payloadBytes: PAYLOAD_BYTES } as const
  await writeDemoEnvironment(environment, await demoParts(), { ...options, machines: `[${rules.join(', ')}]` })
  // Every address of the namespace answers on the bridge, whatever interface has it: the virtual machine finds them there.
  for (const own of [NOBODY, ...machines.map(addressOf)]) {
    await lan.run('ip', ['address', 'add', `${own}/32`, 'dev', 'lo'])
  }
  let child: ChildProcess | undefined
  return {
    lan,
    environment,
    switchOn() {
      if (simulated === 0) return
      const script = path.join(import.meta.dirname, 'demo-machines.ts')
      const words = [script, address, NOBODY, String(simulated)]
      child = lan.spawn(process.execPath, words, { stdio: ['pipe', 'ignore', 'ignore'] })
      child.stdin?.on('error', () => {})
    },
    go: () => child?.stdin?.end('go\n'),
  }
}
