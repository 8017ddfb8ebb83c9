import type { ClientConfiguration, ClientHypervisor, ClientOs } from '../contract.ts'
import type { DownloadStatus } from './aria2-status.ts'
import { refuseLongCommandLine } from './command-line.ts'
import type { Consoles } from './consoles.ts'
import { closeHypervisor, hypervisorFor, openHypervisor, type QemuOs, runQemu } from './hypervisor.ts'
import type { Journal } from './journal.ts'
import { librariesFor, openLibraries } from './libraries.ts'
import { type Ended, type ProgramOs, startByKexec, startProgram } from './methods.ts'
import { type Memory, makeRoom } from './room.ts'
import { refuseUnsigned } from './secure-boot.ts'
import type { Settings } from './settings.ts'
import type { Item, State } from './state.ts'
import type { Child, System } from './system.ts'
import type { Sources } from './traffic.ts'
import { type Control, type Place, Transfer } from './transfer.ts'

/** What a boot needs of the machine. */
export interface Surroundings {
  readonly system: System
  readonly settings: Settings
  readonly journal: Journal
  readonly consoles: Pick<Consoles, 'lend' | 'takeBack' | 'settled' | 'release' | 'first'>
}

/** One attempt to start one system: download, seed, hand the machine over. */
export class Attempt {
  readonly os: ClientOs
  /** The console that a program gets. */
  private readonly terminal: string
  private readonly surroundings: Surroundings
  private readonly configuration: ClientConfiguration
  private readonly memory: Memory
  private readonly onChange: (state: State) => void
  private aborted = false
  /** What runs here, when the system runs here. */
  private program: Child | undefined
  /** It has been told to end, or will be as soon as it runs. */
  private isProgramEnding = false
  private seededEnough = false
  private wake: () => void = () => {}
  private readonly control: Control = {
    isGivenUp: () => this.aborted,
    isSeededEnough: () => this.seededEnough,
    pause: (milliseconds) => this.pause(milliseconds),
  }

  constructor(
    surroundings: Surroundings,
    configuration: ClientConfiguration,
    { os, terminal }: { readonly os: ClientOs; readonly terminal: string },
    memory: Memory,
    onChange: (state: State) => void,
  ) {
    this.surroundings = surroundings
    this.configuration = configuration
    this.os = os
    this.terminal = terminal
    this.memory = memory
    this.onChange = onChange
  }

  /** Gives up. The promise of {@link run} resolves soon. */
  abort(): void {
    this.aborted = true
    this.wake()
  }

  /** Ends seeding. */
  startNow(): void {
    this.seededEnough = true
    this.wake()
  }

  /** Ends a program, or the machine that QEMU plays: the menu comes back. The second time it has no choice. */
  endProgram(): void {
    this.program?.kill(this.isProgramEnding ? 'KILL' : 'TERM')
    this.isProgramEnding = true
  }

  private keepProgram(program: Child): void {
    this.program = program
    // Its number may be another one's afterwards.
    void program.exit.then(() => {
      this.program = undefined
    })
    if (this.isProgramEnding) program.kill('TERM')
  }

  /**
   * Resolves when a program has ended or the attempt was given up; a kernel that starts never comes back.
   *
   * @param before the attempt before this one: two downloads at a time would be in each other's way
   * @throws {Failure}
   */
  async run(before: Promise<void>): Promise<void> {
    const { os, surroundings, memory } = this
    refuseUnsigned(surroundings.settings, os)
    refuseLongCommandLine(os)
    const hypervisor = this.hypervisor()
    this.show(os, undefined)
    await before
    if (this.aborted) return
    const resume = await makeRoom(surroundings, memory, os, hypervisor)
    const transfers: Transfer[] = []
    try {
      if (hypervisor) {
        const { hypervisorTorrents: torrents, hypervisors: folder } = surroundings.settings
        const what = os.method === 'qemu' ? 'QEMU' : 'Shared libraries'
        const item = { ...hypervisor, displayName: `${what} for ${os.displayName}` }
        await this.fetch(item, { torrents, folder, resume: resume.hypervisor }, transfers)
      }
      const { torrents, downloads: folder } = surroundings.settings
      const complete = await this.fetch(os, { torrents, folder, resume: resume.os }, transfers)
      if (!complete) return
      if (os.method === 'kexec') await this.seed(transfers, complete)
      // What runs here is no reason to stop helping the others.
      else await this.runHere(os, hypervisor?.name)
    } finally {
      await Promise.all(transfers.map((transfer) => transfer.stop()))
    }
    if (!this.aborted && os.method === 'kexec') await this.handOver(os)
  }

  /** What has to be here beside the system itself. */
  private hypervisor(): ClientHypervisor | undefined {
    const { os, surroundings, configuration } = this
    if (os.method === 'qemu') return hypervisorFor(surroundings, configuration, os, 'QEMU')
    return os.method === 'program' ? librariesFor(surroundings, configuration, os) : undefined
  }

  /** Downloads one thing, which is then seeded until its transfer is stopped. Undefined when the attempt was given up. */
  private async fetch(item: Item, place: Place, transfers: Transfer[]): Promise<DownloadStatus | undefined> {
    if (this.aborted) return undefined
    this.show(item, undefined)
    const transfer = await Transfer.begin(this.surroundings, this.configuration, item, place)
    transfers.push(transfer)
    const complete = await transfer.completed(this.control, (status, sources, remark) =>
      this.show(item, status, sources, remark),
    )
    return this.aborted ? undefined : complete
  }

  private async seed(transfers: readonly Transfer[], complete: DownloadStatus): Promise<void> {
    const { os } = this
    for (const transfer of transfers) {
      await transfer.seed(this.configuration.seedTime, complete, this.control, (status, secondsLeft, waiting) =>
        this.onChange({ screen: 'seeding', os, status, waiting, secondsLeft }),
      )
    }
  }

  private show(item: Item, status: DownloadStatus | undefined, sources?: Sources, remark?: string): void {
    const left = status && secondsLeft(status)
    this.onChange({ screen: 'download', os: this.os, item, status, sources, secondsLeft: left, remark })
  }

  private async handOver(os: Extract<ClientOs, { method: 'kexec' }>): Promise<void> {
    const { journal } = this.surroundings
    this.onChange({ screen: 'starting', os })
    journal.start(os.name, os.method)
    await journal.settled(REPORT_PATIENCE)
    throw await startByKexec(this.surroundings, os)
  }

  /** Runs a program, or a system in QEMU, until it ends. */
  private async runHere(os: Exclude<ClientOs, { method: 'kexec' }>, hypervisor: string | undefined): Promise<void> {
    const { journal } = this.surroundings
    journal.start(os.name, os.method)
    const { result, details } =
      os.method === 'program' ? await this.runProgram(os, hypervisor) : await this.runInQemu(os, hypervisor ?? '')
    journal.ended(os.name, result)
    this.onChange({ screen: 'ended', os, result, details })
  }

  private async runProgram(os: ProgramOs, libraries: string | undefined): Promise<Ended> {
    const { surroundings } = this
    this.onChange({ screen: 'running', os, remarks: [] })
    try {
      if (libraries !== undefined) await openLibraries(surroundings, libraries, os)
      return await startProgram(surroundings, os, this.terminal, (child) => this.keepProgram(child))
    } finally {
      if (libraries !== undefined) await closeHypervisor(surroundings, libraries)
    }
  }

  private async runInQemu(os: QemuOs, name: string): Promise<Ended> {
    const { surroundings } = this
    this.onChange({ screen: 'running', os, remarks: ['Preparing the screen…'] })
    try {
      const hypervisor = await openHypervisor(surroundings, name, os)
      surroundings.journal.hypervisor(os.name, hypervisor)
      const keys = hypervisor.hasScreen ? SCREEN_HELP : []
      this.onChange({ screen: 'running', os, remarks: [...hypervisor.remarks, ...keys] })
      return await runQemu(surroundings, { name, ...hypervisor }, { os, terminal: this.terminal }, (child) =>
        this.keepProgram(child),
      )
    } finally {
      await closeHypervisor(surroundings, name)
    }
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.surroundings.system.after(milliseconds, resolve)
      this.wake = () => {
        timer.cancel()
        resolve()
      }
      if (this.aborted || this.seededEnough) this.wake()
    })
  }
}

/** What a person can do while a system is on the screen. */
const SCREEN_HELP = [
  'Ctrl+Alt+F1 shows this menu, Ctrl+Alt+F7 the system.',
  'If the mouse does not move there, click once.',
]

/** How long the last report may take to leave before the machine is handed over, in milliseconds. */
const REPORT_PATIENCE = 300

function secondsLeft(status: DownloadStatus): number | undefined {
  if (status.downloadSpeed <= 0) return undefined
  return (status.total - status.completed) / status.downloadSpeed
}
