/** One simulated machine, from its firmware to the system that runs. */
import { once } from 'node:events'
import type { ClientConfiguration, ClientProgress, ClientReport } from '../../client/contract.ts'
import { readArchive } from './archive.ts'
import { type Loaded, loadBootFiles } from './boot-files.ts'
import type { Content } from './content.ts'
import type { DhcpClients } from './dhcp-client.ts'
import type { Asking } from './dhcp-questions.ts'
import { Download } from './download.ts'
import { HttpClient } from './http-client.ts'
import type { Network } from './network.ts'
import { readTorrent, type Torrent } from './torrent.ts'

/** What all machines of a room are in. */
export interface Surroundings {
  readonly dhcp: DhcpClients
  readonly network: Network
  /** IPv4 address of the host. */
  readonly server: string
  readonly tftpPort: number
  /** The memory for what the torrent carries, which is made by whoever is first. */
  contentOf(torrent: Torrent): Content
}

const REPORT_EVERY_MS = 1_000

export class SimulatedMachine implements AsyncDisposable {
  readonly mac: string
  readonly #asking: Asking
  readonly #room: Surroundings
  #address = ''
  #http = new HttpClient('')
  #reportUrl = ''
  #torrent: Torrent | undefined
  #os = ''
  #download: Download | undefined
  #reporting: NodeJS.Timeout | undefined

  constructor(mac: string, asking: Asking, room: Surroundings) {
    this.mac = mac
    this.#asking = asking
    this.#room = room
  }

  get address(): string {
    return this.#address
  }

  /** What it downloads, once it has shown its menu. */
  get torrent(): Torrent | undefined {
    return this.#torrent
  }

  /** The numbers of its download so far. */
  progress(): ClientProgress | undefined {
    return this.#download?.progress()
  }

  /** Pieces that came damaged. */
  get damaged(): number {
    return this.#download?.damaged ?? 0
  }

  /** From power-on to the menu. @throws Error what went wrong */
  async boot(): Promise<void> {
    const { dhcp, tftpPort } = this.#room
    const lease = await dhcp.lease(this.#asking, 'firmware')
    this.#address = lease.address
    const http = new HttpClient(lease.address)
    this.#http = http
    const askAgain = () => dhcp.lease(this.#asking, 'ipxe')
    const loaded = await loadBootFiles({ boot: lease, tftpPort, http, askAgain })
    await dhcp.lease(this.#asking, 'phase1')
    this.#reportUrl = loaded.reportUrl
    await this.#report('phase1', this.#asking.hostname)
    this.#openMenu(loaded)
    await this.#report('menu', '1 system')
  }

  /** Resolves when every piece is here and was verified. */
  async download(): Promise<void> {
    const { network, server, contentOf } = this.#room
    const torrent = this.#torrent
    if (torrent === undefined) throw new Error('it has not booted')
    const began = performance.now()
    await this.#report('download', this.#os)
    const download = new Download({ torrent, content: contentOf(torrent), network, address: this.#address, server })
    this.#download = download
    const complete = once(download, 'complete')
    await download.start()
    const tell = ({ done, total, ...rest }: ClientProgress) => {
      const percent = Math.floor((done / total) * 100)
      const step = done === total ? 'seeding' : 'progress'
      const detail = done === total ? `${this.#os} until all have it` : `${this.#os} ${percent}%`
      // What cannot be told now is told with the next one.
      this.#report(step, detail, { done, total, ...rest }).catch(() => {})
    }
    this.#reporting = setInterval(() => tell(download.progress()), REPORT_EVERY_MS)
    await complete
    const seconds = Math.round((performance.now() - began) / 1000)
    await this.#report('complete', `${this.#os} verified ${seconds} s`, download.progress())
  }

  /** Starts its system, which asks for an address by itself. */
  async start(): Promise<void> {
    clearInterval(this.#reporting)
    await this.#report('start', `${this.#os} kexec`)
    await this.#download?.[Symbol.asyncDispose]()
    await this.#room.dhcp.lease(this.#asking, 'system')
  }

  /** Something went wrong: people are told. */
  async fail(reason: string): Promise<void> {
    clearInterval(this.#reporting)
    if (this.#reportUrl !== '') await this.#report('failed', reason).catch(() => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#reporting)
    await this.#download?.[Symbol.asyncDispose]()
    this.#http[Symbol.dispose]()
  }

  /** Phase-1 finds the systems, and the torrent of the one that starts, in the environment's segment. */
  #openMenu({ environment }: Loaded): void {
    const files = readArchive(environment)
    const config = files.get('boottorrent/config.json')
    if (config === undefined) throw new Error('there is no config.json in the environment')
    const { oss, defaultOs } = JSON.parse(config.toString()) as ClientConfiguration
    const os = oss.find(({ name }) => name === defaultOs) ?? oss[0]
    const torrent = files.get(`boottorrent/torrents/${os?.name}.torrent`)
    if (os === undefined || torrent === undefined) throw new Error('there is no system in the environment')
    this.#os = os.name
    this.#torrent = readTorrent(torrent)
  }

  async #report(step: ClientReport['step'], detail: string, progress?: ClientProgress): Promise<void> {
    const report: ClientReport = { mac: this.mac, step, detail, ...(progress === undefined ? {} : { progress }) }
    await this.#http.post(this.#reportUrl, report)
  }
}
