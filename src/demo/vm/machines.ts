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
    const downloads = machines.map(async (machine) => (await machine)?.serial.waitFor(DOWNLOADS, PATIENCE))
    void Promise.allSettled(downloads).then(() => this.#allDownload.resolve())
    const outcomes = await Promise.all(
      pcs.map(async ({ mac }, index) => {
        try {
          await downloads[index]
          const machine = await machines[index]
          if (machine === undefined) return false
          const { at } = await machine.serial.waitFor(RUNS, PATIENCE)
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
    // Of a long transcript the last line is enough.
    const lines = (error instanceof Error ? error.message : String(error)).split('\n')
    const reason = [...new Set([lines[0], lines.at(-1)?.trim()])].join(' ')
    this.#options.log({
      level: 'warn',
      event: 'demo.machine-failed',
      message: `${mac} (QEMU) did not boot: ${reason}`,
      mac,
    })
  }
}
