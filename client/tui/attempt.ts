import { formatBytes, percentage } from '../../src/ui/format.ts'
import type { ClientConfiguration, ClientOs } from '../contract.ts'
import { type Download, type DownloadStatus, memoryFull, startDownload } from './aria2.ts'
import type { Consoles } from './consoles.ts'
import { Failure } from './failure.ts'
import { parseUrl } from './http.ts'
import type { Journal } from './journal.ts'
import { startByKexec, startProgram } from './methods.ts'
import { countWaiting } from './scrape.ts'
import { refuseUnsigned } from './secure-boot.ts'
import type { Settings } from './settings.ts'
import type { State } from './state.ts'
import type { System } from './system.ts'
import { Traffic } from './traffic.ts'

/** What a boot needs of the machine. */
export interface Surroundings {
  readonly system: System
  readonly settings: Settings
  readonly journal: Journal
  readonly consoles: Pick<Consoles, 'lend' | 'takeBack' | 'settled' | 'release' | 'first'>
}

/** What the attempts of a session share. */
export interface Memory {
  /** The system whose bytes lie in memory, whole or in part. Undefined: nobody knows what an earlier menu left there. */
  holds: ClientOs | undefined
}

/** One attempt to start one system: download, seed, hand the machine over. */
export class Attempt {
  readonly os: ClientOs
  private readonly surroundings: Surroundings
  private readonly configuration: ClientConfiguration
  private readonly memory: Memory
  private readonly onChange: (state: State) => void
  private aborted = false
  private seededEnough = false
  private wake: () => void = () => {}

  constructor(
    surroundings: Surroundings,
    configuration: ClientConfiguration,
    os: ClientOs,
    memory: Memory,
    onChange: (state: State) => void,
  ) {
    this.surroundings = surroundings
    this.configuration = configuration
    this.os = os
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

  /**
   * Resolves when a program has ended or the attempt was given up; a kernel that starts never comes back.
   *
   * @param before the attempt before this one: two downloads at a time would be in each other's way
   * @throws {Failure}
   */
  async run(before: Promise<void>): Promise<void> {
    const { os } = this
    refuseUnsigned(this.surroundings.settings, os)
    if (os.method === 'qemu') {
      throw new Failure(`${os.displayName} needs QEMU, which is not here yet.`, {
        todo: 'Choose a system with the method kexec or program.',
      })
    }
    this.onChange({ screen: 'download', os, status: undefined, secondsLeft: undefined, remark: undefined })
    await before
    if (this.aborted) return
    const resume = await this.makeRoom()
    if (this.aborted) return
    this.memory.holds = os
    const { settings, system } = this.surroundings
    const traffic = new Traffic(parseUrl(settings.identity.server)?.address ?? '', resume)
    const download = await startDownload(system, {
      program: settings.aria2,
      torrent: `${settings.torrents}/${os.name}.torrent`,
      folder: settings.downloads,
      logFile: settings.aria2Log,
      settings: this.configuration.aria2,
      resume,
    })
    try {
      const complete = await this.download(download, traffic)
      if (complete) await this.seed(download, complete, traffic)
      if (!this.aborted && os.method === 'kexec') this.onChange({ screen: 'starting', os })
    } finally {
      await download.stop()
    }
    if (!this.aborted) await this.handOver(os)
  }

  /**
   * Memory is all the disk there is: what an earlier choice left goes, and what does not fit is not begun.
   *
   * @returns whether there are bytes of this system already
   */
  private async makeRoom(): Promise<boolean> {
    const { system, settings } = this.surroundings
    const { os, memory } = this
    const isResumed = memory.holds?.name === os.name
    if (!isResumed) {
      // All of it: a menu before this one may have crashed, or been killed for the memory it filled.
      await system.spawn({ words: ['/bin/sh', '-c', 'rm -rf -- "$0"/*', settings.downloads] }).exit
      memory.holds = undefined
    }
    await system.spawn({ words: ['mkdir', '-p', '--', settings.downloads] }).exit
    const free = system.freeBytes(settings.downloads)
    if (isResumed || free === undefined || free >= os.bytes) return isResumed
    throw memoryFull([`${os.displayName} has ${formatBytes(os.bytes)}; there is room for ${formatBytes(free)}.`])
  }

  /** The last status once everything is there and verified; undefined when the attempt was given up. */
  private async download(download: Download, traffic: Traffic): Promise<DownloadStatus | undefined> {
    const { os } = this
    const { system, journal } = this.surroundings
    journal.download(os.name, os.bytes)
    const startedAt = system.now()
    let quarter = 0
    let reportedAt = startedAt
    let grewAt = startedAt
    let metAt = startedAt
    let completed = 0
    let isWaiting = false
    while (!this.aborted) {
      const status = await download.status()
      const now = system.now()
      if (status.completed > completed) grewAt = now
      if (status.completed > completed || status.peers > 0) metAt = now
      completed = status.completed
      const peers = await download.peers()
      traffic.count(status, peers)
      const percent = percentage(status.completed, status.total)
      for (; quarter < 3 && percent >= (quarter + 1) * 25; quarter += 1) journal.quarter(os.name, (quarter + 1) * 25)
      if (status.isComplete) {
        journal.complete(os.name, (now - startedAt) / 1000, traffic.numbers(status, peers))
        return status
      }
      const remark = remarkOn(status, now - grewAt)
      const isNews = remark !== undefined && !isWaiting
      isWaiting = remark !== undefined
      if (isNews || now - reportedAt >= (isWaiting ? WAITING_INTERVAL : REPORT_INTERVAL)) {
        reportedAt = now
        const numbers = traffic.numbers(status, peers)
        // What keeps it waiting is a line once; the host is told again and again, for silence would mean something else.
        if (remark === undefined) journal.progress(os.name, percent, numbers)
        else if (isNews) journal.waiting(os.name, percent, remark, numbers)
        else journal.stillWaiting(os.name, percent, remark, numbers)
      }
      const isAlone = now - metAt >= TRACKER_PATIENCE
      if (isAlone && status.trackerProblem !== undefined) throw noTracker(status.trackerProblem)
      this.onChange({ screen: 'download', os, status, secondsLeft: secondsLeft(status), remark })
      await this.pause(POLL_INTERVAL)
    }
    return undefined
  }

  /** Helps the others until all of them have everything, the time is over, or somebody wants to go on. */
  private async seed(download: Download, complete: DownloadStatus, traffic: Traffic): Promise<void> {
    const { os } = this
    const { system, journal } = this.surroundings
    const seconds = this.configuration.seedTime
    if (seconds <= 0) return
    journal.seeding(os.name, seconds)
    const end = system.now() + seconds * 1000
    let status = complete
    let waiting: number | undefined
    let reportedAt = system.now()
    while (!this.aborted && !this.seededEnough) {
      const rest = end - system.now()
      if (rest <= 0) return
      this.onChange({ screen: 'seeding', os, status, waiting, secondsLeft: Math.ceil(rest / 1000) })
      await this.pause(Math.min(POLL_INTERVAL, rest))
      // Everything is here: whatever happens to aria2 now must not keep the system from starting.
      const next = await download.status().catch(() => undefined)
      if (next === undefined) return
      status = next
      waiting = await countWaiting(system, status.trackers, os.infoHash)
      if (this.aborted) return
      if (waiting === 0) {
        journal.nobodyWaits(os.name)
        return
      }
      if (system.now() - reportedAt < REPORT_INTERVAL) continue
      reportedAt = system.now()
      journal.given(os.name, seconds, traffic.numbers(status, await download.peers()))
    }
  }

  private async handOver(os: Exclude<ClientOs, { method: 'qemu' }>): Promise<void> {
    const { journal } = this.surroundings
    journal.start(os.name, os.method)
    if (os.method === 'kexec') {
      await journal.settled(REPORT_PATIENCE)
      throw await startByKexec(this.surroundings, os)
    }
    this.onChange({ screen: 'running', os })
    const result = await startProgram(this.surroundings, os)
    journal.ended(os.name, result)
    this.onChange({ screen: 'ended', os, result })
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

/** All in milliseconds. */
const POLL_INTERVAL = 1000
const REPORT_INTERVAL = 2000
/** The same while nothing comes: less is news then, and the host learns that the machine is still there. */
const WAITING_INTERVAL = 8000
/** How long the last report may take to leave before the machine is handed over. */
const REPORT_PATIENCE = 300
/** How long nobody may be there after the tracker has said no: neighbours may be found without it. */
const TRACKER_PATIENCE = 20_000
const REMARK_AFTER = 10_000
/** The same among neighbours: in a full class a machine may have to wait for its turn. */
const REMARK_AMONG_NEIGHBOURS_AFTER = 20_000

const NOBODY_THERE = 'No machine that has it has been found. Is the server running? Still looking.'
const PIECES_MISSING = 'Nobody here has the missing pieces: is the server running? Still looking.'
const NOTHING_COMES = 'Nothing comes from the machines that have everything. Still asking.'

/**
 * What to say of a download to which nothing has been added for this long, in milliseconds. It goes on all the same: the
 * server may come back, and the neighbours are served meanwhile.
 */
function remarkOn(status: DownloadStatus, silence: number): string | undefined {
  if (status.peers === 0) return silence < REMARK_AFTER ? undefined : NOBODY_THERE
  if (silence < REMARK_AMONG_NEIGHBOURS_AFTER) return undefined
  return status.seeders === 0 ? PIECES_MISSING : NOTHING_COMES
}

function noTracker(problem: string): Failure {
  return new Failure('The tracker does not help, and nobody else was found.', {
    todo: 'Look whether boottorrent runs on the server and its firewall lets the tracker through, then try again.',
    details: [problem],
    mayPass: true,
  })
}

function secondsLeft(status: DownloadStatus): number | undefined {
  if (status.downloadSpeed <= 0) return undefined
  return (status.total - status.completed) / status.downloadSpeed
}
