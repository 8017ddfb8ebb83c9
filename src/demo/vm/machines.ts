/** The virtual machines of a demo, from power-on until their systems run. */
import type { Log } from '../../log.ts'
import type { Lan } from './lan.ts'
import type { VirtualPc } from './network.ts'
import { startQemu, type VirtualMachine } from './qemu.ts'

export interface VirtualMachinesOptions {
  readonly lan: Pick<Lan, 'spawn' | 'tap'>
  readonly pcs: readonly VirtualPc[]
  /** Size of what each downloads into its memory. */
  readonly bytes: number
  /** For their files: whoever ends in a hurry removes one folder. */
  readonly folder: string
  readonly log: Log
}

export interface VirtualOutcome {
  readonly wanted: number
  /** How many run their systems. */
  readonly booted: number
}

/** What Phase-1 says on the serial port when its download begins, and what the system says when it runs. */
const DOWNLOADS = /^boottorrent: download /
const RUNS = /^ *It works\. This machine has downloaded this small Linux by BitTorrent/
/** Seconds for each of the two; processors that are emulated are slow, and share this computer's. */
const PATIENCE = 600
/** MiB for Linux itself. */
const SMALLEST_MEMORY = 512
const MIB = 1024 * 1024

export class VirtualMachines implements AsyncDisposable {
  /** Resolves when each machine downloads, or has failed. */
  readonly downloading: Promise<void>
  readonly #options: VirtualMachinesOptions
  readonly #allDownload = Promise.withResolvers<void>()
  readonly #opened = new AsyncDisposableStack()
  #isClosed = false

  constructor(options: VirtualMachinesOptions) {
    this.#options = options
    this.downloading = this.#allDownload.promise
  }

  /** Switches all on; resolves when their systems run. Who fails drops out, and the log says why. */
  async boot(): Promise<VirtualOutcome> {
    const { pcs } = this.#options
    const machines = pcs.map((pc) => this.#switchOn(pc))
    const downloads = machines.map(async (machine) => {
      const on = await machine
      if (on !== undefined) await comesTo(on, DOWNLOADS, 'begin to download')
    })
    void Promise.allSettled(downloads).then(() => this.#allDownload.resolve())
    const outcomes = await Promise.all(
      pcs.map(async ({ mac }, index) => {
        try {
          await downloads[index]
          const machine = await machines[index]
          if (machine === undefined) return false
          const { at } = await comesTo(machine, RUNS, 'run its system')
          this.#tellBooted(mac, at)
          return true
        } catch (error) {
          this.#tellFailure(mac, error)
          return false
        }
      }),
    )
    return { wanted: pcs.length, booted: outcomes.filter(Boolean).length }
  }

  /** Pulls all plugs. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await this.#opened.disposeAsync()
  }

  /** @returns undefined when everything is over meanwhile */
  async #switchOn({ mac }: VirtualPc): Promise<VirtualMachine | undefined> {
    const { lan, bytes, folder, log } = this.#options
    const memory = SMALLEST_MEMORY + Math.ceil((2 * bytes) / MIB)
    const machine = await startQemu(lan, { firmware: 'bios', mac, memory }, folder)
    if (this.#isClosed) {
      await machine[Symbol.asyncDispose]()
      return undefined
    }
    this.#opened.use(machine)
    log({ level: 'info', event: 'demo.vm-on', message: `${mac} is switched on: QEMU with ${memory} MiB`, mac, memory })
    return machine
  }

  #tellBooted(mac: string, seconds: number): void {
    const message = `${mac} runs its system, ${seconds.toFixed(0)} s after power-on`
    this.#options.log({ level: 'info', event: 'demo.vm-booted', message, mac, seconds })
  }

  #tellFailure(mac: string, error: unknown): void {
    // Machines that were switched off on purpose have nothing to say.
    if (this.#isClosed) return
    const reason = error instanceof Error ? error.message : String(error)
    this.#options.log({
      level: 'warn',
      event: 'demo.machine-failed',
      message: `${mac} (QEMU) did not boot: ${reason}`,
      mac,
    })
  }
}

/** @throws Error that says why it did not, for people */
async function comesTo({ serial, off }: VirtualMachine, line: RegExp, what: string): Promise<{ at: number }> {
  try {
    return await serial.waitFor(line, PATIENCE)
  } catch (cause) {
    // A machine whose time was over runs on; the end of QEMU is told at the same moment to whoever waits for lines.
    const isOver = new Promise<string>((resolve) => setImmediate(resolve, `${PATIENCE} s were not enough`))
    const why = await Promise.race([off.then(() => 'QEMU has ended'), isOver])
    throw new Error(`it did not ${what}: ${why}. Its last words: ${serial.tail(1).split('\n').at(-1)?.trim()}`, {
      cause,
    })
  }
}
