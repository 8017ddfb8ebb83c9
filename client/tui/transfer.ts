import { percentage } from '../../src/ui/format.ts'
import type { ClientConfiguration } from '../contract.ts'
import { type Download, startDownload } from './aria2.ts'
import type { DownloadStatus } from './aria2-status.ts'
import type { Surroundings } from './attempt.ts'
import { Failure } from './failure.ts'
import { parseUrl } from './http.ts'
import { countWaiting } from './scrape.ts'
import type { Item } from './state.ts'
import { type Sources, Traffic } from './traffic.ts'

/** Where the torrent of an item is, and where its folder goes. */
export interface Place {
  /** Folder of the `.torrent` file. */
  readonly torrents: string
  readonly folder: string
  /** There are bytes of an earlier attempt: they are checked and kept. */
  readonly resume: boolean
}

/** What the person before the machine decides meanwhile. */
export interface Control {
  isGivenUp(): boolean
  isSeededEnough(): boolean
  /** Resolves after that many milliseconds, or as soon as something was decided. */
  pause(milliseconds: number): Promise<void>
}

/** One item of an attempt on its way here, and then from here to others until it is stopped. */
export class Transfer {
  private readonly surroundings: Surroundings
  private readonly item: Item
  private readonly download: Download
  private readonly traffic: Traffic

  private constructor(surroundings: Surroundings, item: Item, download: Download, traffic: Traffic) {
    this.surroundings = surroundings
    this.item = item
    this.download = download
    this.traffic = traffic
  }

  /** @throws {Failure} when aria2 does not start */
  static async begin(
    surroundings: Surroundings,
    configuration: ClientConfiguration,
    item: Item,
    { torrents, folder, resume }: Place,
  ): Promise<Transfer> {
    const { settings, system } = surroundings
    const download = await startDownload(system, {
      program: settings.aria2,
      torrent: `${torrents}/${item.name}.torrent`,
      folder,
      logFile: settings.aria2Log,
      settings: configuration.aria2,
      resume,
    })
    const traffic = new Traffic(parseUrl(settings.identity.server)?.address ?? '', resume)
    return new Transfer(surroundings, item, download, traffic)
  }

  /** The last status once everything is there and verified; undefined when the attempt was given up. */
  async completed(
    control: Control,
    onStatus: (status: DownloadStatus, sources: Sources, remark: string | undefined) => void,
  ): Promise<DownloadStatus | undefined> {
    const { item, traffic, download } = this
    const { system, journal } = this.surroundings
    journal.download(item.name, item.bytes)
    const startedAt = system.now()
    let quarter = 0
    let reportedAt = startedAt
    let grewAt = startedAt
    let metAt = startedAt
    let completed = 0
    let isWaiting = false
    let isDamaged = false
    while (!control.isGivenUp()) {
      const status = await download.status()
      const now = system.now()
      const isGrowing = status.completed > completed || status.verified !== undefined
      if (isGrowing) grewAt = now
      if (isGrowing || status.peers > 0) metAt = now
      completed = status.completed
      const peers = await download.peers()
      traffic.count(status, peers)
      const percent = percentage(status.completed, status.total)
      for (; quarter < 3 && percent >= (quarter + 1) * 25; quarter += 1) journal.quarter(item.name, (quarter + 1) * 25)
      const { damage } = status
      // A machine that gives out nothing else would fill the timeline: the first one is told of now, the sum at the end.
      if (damage.pieces > 0 && !isDamaged) journal.damaged(item.name, damage)
      isDamaged = damage.pieces > 0
      if (status.isComplete) {
        if (isDamaged) journal.mended(item.name, damage)
        journal.complete(item.name, (now - startedAt) / 1000, traffic.numbers(status, peers))
        return status
      }
      const remark = remarkOn(status, now - grewAt, traffic.hasServer(peers))
      const isNews = remark !== undefined && !isWaiting
      isWaiting = remark !== undefined
      if (isNews || now - reportedAt >= (isWaiting ? WAITING_INTERVAL : REPORT_INTERVAL)) {
        reportedAt = now
        const numbers = traffic.numbers(status, peers)
        // What keeps it waiting is a line once; the host is told again and again, for silence would mean something else.
        if (remark === undefined) journal.progress(item.name, percent, numbers)
        else if (isNews) journal.waiting(item.name, percent, remark, numbers)
        else journal.stillWaiting(item.name, percent, remark, numbers)
      }
      const isAlone = now - metAt >= TRACKER_PATIENCE
      if (isAlone && status.trackerProblem !== undefined) throw noTracker(status.trackerProblem)
      onStatus(status, traffic.sources, remark)
      await Promise.race([control.pause(POLL_INTERVAL), download.complete])
    }
    return undefined
  }

  /** Helps the others until all of them have everything, the seconds are over, or somebody wants to go on. */
  async seed(
    seconds: number,
    complete: DownloadStatus,
    control: Control,
    onStatus: (status: DownloadStatus, secondsLeft: number, waiting: number | undefined) => void,
  ): Promise<void> {
    const { item, traffic, download } = this
    const { system, journal } = this.surroundings
    if (seconds <= 0) return
    journal.seeding(item.name, seconds)
    const end = system.now() + seconds * 1000
    let status = complete
    let waiting: number | undefined
    let reportedAt = system.now()
    let interval = FIRST_SCRAPE_INTERVAL
    while (!control.isGivenUp() && !control.isSeededEnough()) {
      waiting = await countWaiting(system, status.trackers, item.infoHash)
      if (control.isGivenUp()) return
      if (waiting === 0) {
        journal.nobodyWaits(item.name)
        return
      }
      const rest = end - system.now()
      if (rest <= 0) return
      onStatus(status, Math.ceil(rest / 1000), waiting)
      await control.pause(Math.min(interval, rest))
      interval = Math.min(interval * 2, POLL_INTERVAL)
      // Everything is here: whatever happens to aria2 now must not keep the system from starting.
      const next = await download.status().catch(() => undefined)
      if (next === undefined) return
      status = next
      if (system.now() - reportedAt < REPORT_INTERVAL) continue
      reportedAt = system.now()
      journal.given(item.name, seconds, traffic.numbers(status, await download.peers()))
    }
  }

  /** Ends it. Never rejects. */
  stop(): Promise<void> {
    return this.download.stop()
  }
}

/** All in milliseconds. */
const POLL_INTERVAL = 1000
/** Between the first looks at who waits. The tracker counts this machine too until aria2 has told it, which takes a moment. */
const FIRST_SCRAPE_INTERVAL = 100
const REPORT_INTERVAL = 2000
/** The same while nothing comes: less is news then, and the host learns that the machine is still there. */
const WAITING_INTERVAL = 8000
/** How long nobody may be there after the tracker has said no: neighbours may be found without it. */
const TRACKER_PATIENCE = 20_000
const REMARK_AFTER = 10_000
/** The same among neighbours: in a full class a machine may have to wait for its turn. */
const REMARK_AMONG_NEIGHBOURS_AFTER = 20_000

const NOBODY_THERE = 'No machine that has it has been found. Is the server running? Still looking.'
const SERVER_SILENT = 'The server is there, but nothing comes: it may serve other machines first. Still asking.'
const PIECES_MISSING = 'Nobody here has the missing pieces: is the server running? Still looking.'
const NOTHING_COMES = 'Nothing comes from the machines that have everything. Still asking.'

/**
 * What to say of a download to which nothing has been added for this long, in milliseconds. It goes on all the same: the
 * server may come back, and the neighbours are served meanwhile.
 *
 * @param isServerThere whether we are connected to the server, which never says that it has everything (super-seeding)
 */
function remarkOn(status: DownloadStatus, silence: number, isServerThere: boolean): string | undefined {
  if (silence < (status.peers === 0 ? REMARK_AFTER : REMARK_AMONG_NEIGHBOURS_AFTER)) return undefined
  if (status.trackerWarning !== undefined) return `${status.trackerWarning} Still looking.`
  if (status.peers === 0) return NOBODY_THERE
  if (isServerThere) return SERVER_SILENT
  return status.seeders === 0 ? PIECES_MISSING : NOTHING_COMES
}

function noTracker(problem: string): Failure {
  return new Failure('The tracker does not help, and nobody else was found.', {
    todo: 'Look whether boottorrent runs on the server and its firewall lets the tracker through, then try again.',
    details: [problem],
    mayPass: true,
  })
}
