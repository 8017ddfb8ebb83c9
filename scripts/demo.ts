/**
 * `npm run demo`: a whole network boot inside this computer. It makes a LAN in a network namespace, starts boottorrent on it
 * with a small environment, switches on a virtual machine with an empty disk among simulated ones, and shows what happens
 * until the downloaded system runs and switches the machine off: on a terminal the dashboard, else plain lines.
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { stopProcess } from '../src/demo/vm/programs.ts'
import { createTranscript } from '../src/demo/vm/transcript.ts'
import { BoottorrentError } from '../src/errors.ts'
import { type BootServerProcess, startBoottorrent } from '../test/lab/boot-server.ts'
import { type BootStep, stepTable, watchBoot } from '../test/lab/boot-steps.ts'
import { demoIntact, demoMarker } from '../test/lab/demo-environment.ts'
import { createDemoScreen, type DemoScreen } from '../test/lab/demo-screen.ts'
import { labNetwork } from '../test/lab/lab.ts'
import { bootMachine, type Firmware, type Machine } from '../test/lab/machine.ts'
import { type DemoLan, openDemoLan } from './demo-lan.ts'

const usage = `Usage: npm run demo -- [options]

Boots a virtual machine over BitTorrent from this computer, without touching its network.

Options:
  --firmware bios|uefi   what the machine runs before it boots (default: bios)
  --memory <MiB>         the machine's memory (default: 768)
  --simulated <number>   simulated machines beside it, 0 to 50 (default: 5)
  --plain                plain lines with the serial console, on a terminal too
  --screenshot <file>    saves a picture of the machine's screen, as PNG, when its system runs
  --help                 shows this
`

/** Seconds from power-on to the running system, at most. */
const patience = 300
const mac = '52:54:00:b0:07:01'

interface DemoOptions {
  readonly firmware: Firmware
  readonly memory: number
  readonly simulated: number
  /** Whether the dashboard is shown. */
  readonly dashboard: boolean
  readonly screenshot: string | undefined
}

function parseOptions(args: string[]): DemoOptions | 'help' {
  const values = words(args)
  if (values.help) return 'help'
  const firmware = { bios: 'bios', uefi: 'uefi-x64', 'uefi-x64': 'uefi-x64' }[values.firmware] as Firmware | undefined
  if (!firmware) throw usageError(`There is no firmware "${values.firmware}"`)
  const memory = Number(values.memory)
  if (!Number.isInteger(memory) || memory < 256) throw usageError(`"${values.memory}" is not an amount of memory`)
  const simulated = Number(values.simulated)
  if (!Number.isInteger(simulated) || simulated < 0 || simulated > 50) {
    throw usageError(`"${values.simulated}" is not a number of machines from 0 to 50`)
  }
  const dashboard = process.stdout.isTTY && process.stdin.isTTY && process.env.TERM !== 'dumb' && !values.plain
  return { firmware, memory, simulated, dashboard, screenshot: values.screenshot }
}

function words(args: string[]) {
  try {
    const options = {
      firmware: { type: 'string', default: 'bios' },
      memory: { type: 'string', default: '768' },
      simulated: { type: 'string', default: '5' },
      plain: { type: 'boolean', default: false },
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
  const { firmware, memory, simulated, dashboard } = options
  screen.title('boottorrent demo: a whole network boot inside this computer')
  const room = await openDemoLan(stack, simulated)
  const { lan, environment } = room
  screen.fact('server', `boottorrent start ${environment}`)
  screen.fact('network', `${labNetwork.address} on ${labNetwork.interface}, in a namespace of its own`)
  screen.fact('machine', `${mac}, ${firmware}, ${memory} MiB of memory, an empty disk; ${simulated} simulated ones`)
  let steps: readonly BootStep[] = []
  if (dashboard) screen.handOver()
  const server = stack.use(await (dashboard ? showServer(room) : startServer(room)))
  try {
    const machine = stack.use(await bootMachine(lan, { firmware, mac, memory }))
    room.switchOn()
    const watch = watchBoot(machine, server)
    if (!dashboard) {
      show(machine, server, screen)
      watch.onStep((step) => screen.step(step))
    }
    // The others have waited for it in their menus.
    void machine.waitFor(/^boottorrent: download /, patience).then(room.go, () => {})
    await Promise.race([booted(machine, options.screenshot), serverEnds(server)])
    steps = watch.steps
  } finally {
    // What is said next is for the terminal that it gives back.
    if (dashboard) await server.close()
  }
  screen.summary(stepTable(steps))
}

type Server = Pick<BootServerProcess, 'events' | 'ended' | 'close'> & AsyncDisposable

/** The server with its events as lines. */
async function startServer({ lan, environment }: DemoLan): Promise<Server> {
  const server = await startBoottorrent(lan, environment)
  await server.waitForEvent('server.ready', 60)
  return server
}

/** The server with its dashboard on this terminal, which nobody else writes to until it is closed. */
async function showServer({ lan, environment }: DemoLan): Promise<Server> {
  const program = fileURLToPath(new URL('../dist/boottorrent.js', import.meta.url))
  const child = lan.spawn(process.execPath, [program, 'start', environment], { stdio: 'inherit' })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const close = () => stopProcess(child)
  return { events: createTranscript('boottorrent start'), ended, close, [Symbol.asyncDispose]: close }
}

/** Waits until the downloaded system has run and has switched the machine off. */
async function booted(machine: Machine, screenshot: string | undefined): Promise<void> {
  await machine.waitFor(new RegExp(`^${demoMarker}`), patience)
  if (screenshot) await machine.screenshot(screenshot)
  await machine.waitFor(new RegExp(`^${demoIntact}`), patience)
  await machine.off
}

/** Without its server the machine would wait for ever. */
async function serverEnds({ ended, events }: Server): Promise<never> {
  const status = await ended
  throw new Error(`boottorrent start ended (${status}). ${events.tail()}`.trimEnd())
}

/** What the machine and the server say about it, as it happens. */
function show(machine: Machine, server: Server, screen: DemoScreen): void {
  machine.serial.onLine(({ text }) => screen.serial(text))
  server.events.onLine(({ text }) => screen.server(text))
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
