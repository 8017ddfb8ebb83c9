/**
 * `npm run demo`: a whole network boot inside this computer. It makes a LAN in a network namespace, starts boottorrent on it
 * with a small environment, switches on a virtual machine with an empty disk, and shows what happens until the downloaded
 * system runs and switches the machine off.
 */
import { parseArgs } from 'node:util'
import { BoottorrentError } from '../src/errors.ts'
import { stepTable, watchBoot } from '../test/lab/boot-steps.ts'
import { demoIntact, demoMarker, writeDemoEnvironment } from '../test/lab/demo-environment.ts'
import { createDemoScreen, type DemoScreen } from '../test/lab/demo-screen.ts'
import { demoParts, type Lab, labNetwork, openLab } from '../test/lab/lab.ts'
import { bootMachine, type Firmware, type Machine } from '../test/lab/machine.ts'

const usage = `Usage: npm run demo -- [options]

Boots a virtual machine over BitTorrent from this computer, without touching its network.

Options:
  --firmware bios|uefi   what the machine runs before it boots (default: bios)
  --memory <MiB>         the machine's memory (default: 768)
  --screenshot <file>    saves a picture of the machine's screen, as PNG, when its system runs
  --help                 shows this
`

/** Seconds from power-on to the running system, at most. */
const patience = 300
const mac = '52:54:00:b0:07:01'

interface DemoOptions {
  readonly firmware: Firmware
  readonly memory: number
  readonly screenshot: string | undefined
}

function parseOptions(args: string[]): DemoOptions | 'help' {
  const values = words(args)
  if (values.help) return 'help'
  const firmware = { bios: 'bios', uefi: 'uefi-x64', 'uefi-x64': 'uefi-x64' }[values.firmware] as Firmware | undefined
  if (!firmware) throw usageError(`There is no firmware "${values.firmware}"`)
  const memory = Number(values.memory)
  if (!Number.isInteger(memory) || memory < 256) throw usageError(`"${values.memory}" is not an amount of memory`)
  return { firmware, memory, screenshot: values.screenshot }
}

function words(args: string[]) {
  try {
    const options = {
      firmware: { type: 'string', default: 'bios' },
      memory: { type: 'string', default: '768' },
      screenshot: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    } as const
    return parseArgs({ args, options }).values
  } catch (error) {
    throw usageError((error as Error).message)
  }
}

function usageError(message: string): BoottorrentError {
  return new BoottorrentError('USAGE', message, { hint: 'See: npm run demo -- --help' })
}

async function demo(options: DemoOptions, screen: DemoScreen, stack: AsyncDisposableStack): Promise<void> {
  screen.title('boottorrent demo: a whole network boot inside this computer')
  const parts = await demoParts()
  const lab = stack.use(
    await openLab((directory) =>
      writeDemoEnvironment(directory, parts, { style: 'version1', ...labNetwork, payloadBytes: 16 * 1024 * 1024 }),
    ),
  )
  screen.fact('server', `boottorrent start ${lab.environment}`)
  screen.fact('network', `${labNetwork.address} on ${labNetwork.interface}, in a namespace of its own`)
  const machine = stack.use(await bootMachine(lab.lan, { firmware: options.firmware, mac, memory: options.memory }))
  screen.fact('machine', `${mac}, ${options.firmware}, ${options.memory} MiB of memory, an empty disk`)

  const watch = watchBoot(machine, lab.server)
  show(machine, lab, screen)
  watch.onStep((step) => screen.step(step))
  await Promise.race([booted(machine, options.screenshot), serverEnds(lab)])
  screen.summary(stepTable(watch.steps))
}

/** Waits until the downloaded system has run and has switched the machine off. */
async function booted(machine: Machine, screenshot: string | undefined): Promise<void> {
  await machine.waitFor(new RegExp(`^${demoMarker}`), patience)
  if (screenshot) await machine.screenshot(screenshot)
  await machine.waitFor(new RegExp(`^${demoIntact}`), patience)
  await machine.off
}

/** Without its server the machine would wait for ever. */
async function serverEnds({ server }: Lab): Promise<never> {
  const status = await server.ended
  throw new Error(`boottorrent start ended (${status}). Its last lines were:\n${server.events.tail()}`)
}

/** What the machine and the server say about it, as it happens. */
function show(machine: Machine, lab: Lab, screen: DemoScreen): void {
  machine.serial.onLine(({ text }) => screen.serial(text))
  lab.server.events.onLine(({ text }) => screen.server(text))
}

async function main(args: string[]): Promise<number> {
  const screen = createDemoScreen(process.stdout)
  const stack = new AsyncDisposableStack()
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => reject(new Error('The demo was interrupted')))
    }
  })
  try {
    const options = parseOptions(args)
    if (options === 'help') {
      process.stdout.write(usage)
      return 0
    }
    await Promise.race([demo(options, screen, stack), interrupted])
    return 0
  } catch (error) {
    screen.failure(error)
    return error instanceof BoottorrentError && error.code === 'USAGE' ? 2 : 1
  } finally {
    screen.close()
    await stack.disposeAsync()
  }
}

// An interruption may come while something is still being set up: it must not keep the process. What it started ends with us.
process.exit(await main(process.argv.slice(2)))
