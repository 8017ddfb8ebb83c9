/** What the services see becomes steps on the timelines of machines. */
import type { ClientManifest, ClientReport } from '../client/contract.ts'
import type { DhcpServer, PxeClient } from './dhcp/index.ts'
import type { HttpServer } from './http/index.ts'
import type { Machines, Step } from './machines/index.ts'
import type { FindNeighbour } from './platform/index.ts'
import { environmentName, scriptNames } from './publish.ts'
import type { PeerTraffic, Seeder } from './seeder/index.ts'
import { addressOf, watchSentBytes } from './sent-bytes.ts'
import type { TftpServer } from './tftp/index.ts'
import type { Tracker } from './tracker/index.ts'

export interface TimelineOptions {
  readonly machines: Machines
  readonly manifest: ClientManifest
  /** What the environment calls a machine. */
  readonly nameOf: (client: PxeClient) => string | undefined
  /** Who has an address that nobody was given by us: beside another DHCP server that is everybody. */
  readonly findNeighbour: FindNeighbour
}

/** What lets machines download. */
export interface WatchedTorrents {
  readonly seeder: Pick<Seeder, 'on'>
  readonly tracker: Pick<Tracker, 'on'> | undefined
}

export class Timeline {
  readonly #machines: Machines
  readonly #manifest: ClientManifest
  readonly #nameOf: TimelineOptions['nameOf']
  readonly #findNeighbour: FindNeighbour

  constructor({ machines, manifest, nameOf, findNeighbour }: TimelineOptions) {
    this.#machines = machines
    this.#manifest = manifest
    this.#nameOf = nameOf
    this.#findNeighbour = findNeighbour
  }

  watchDhcp(dhcp: DhcpServer): void {
    dhcp.on('discover', ({ client }) => {
      const { mac, firmware, hostname, netboot } = client
      this.#machines.discover(mac, describe(client), client)
      this.#machines.describe(mac, { name: this.#nameOf(client), firmware: netboot ? firmware : undefined })
      this.#machines.describe(mac, { name: hostname }, 'client')
    })
    dhcp.on('ack', ({ client, address }) => {
      this.#machines.bind(client.mac, address)
      this.#machines.observe(client.mac, 'address', address)
    })
  }

  watchTftp(tftp: TftpServer): void {
    tftp.on('done', ({ remote, file }) => this.#fetched(remote.address, file, 'TFTP'))
    tftp.on('stalled', ({ remote, file, bytes, size }) => {
      this.#trouble(remote.address, `${file} by TFTP stalls at ${share(bytes, size)}: the machine does not answer`)
    })
    tftp.on('aborted', ({ remote, file, bytes, size, detail }) => {
      this.#trouble(remote.address, `${file} by TFTP broken off at ${share(bytes, size)}: ${detail}`)
    })
    tftp.on('refused', ({ remote, file, reason }) => {
      // Loaders look for files that need not be there, PXELINUX and GRUB for dozens of them.
      if (reason !== 'not-found') this.#trouble(remote.address, `${file} by TFTP refused: ${reason}`)
    })
  }

  watchHttp(http: HttpServer): void {
    http.on('request', ({ remote, file, method, status, complete, bytes }) => {
      if (method !== 'GET' || status >= 300) return
      if (complete) this.#fetched(remote.address, file, 'HTTP')
      else if (this.#stepOf(file)) this.#trouble(remote.address, `${file} by HTTP broken off after ${bytes} bytes`)
    })
  }

  /** @param tracker undefined when it is not ours */
  watchTorrents({ seeder, tracker }: WatchedTorrents): void {
    watchSentBytes(seeder, (address, bytes) => this.#machines.send(address, bytes))
    seeder.on('offence', ({ peer, detail }) => this.#trouble(addressOf(peer), `it ${detail}`))
    const connected = new Map<string, PeerTraffic>()
    const tell = (detail: string, isConcerned: (peer: PeerTraffic) => boolean) => {
      const peers = [...connected.values()].filter(isConcerned)
      for (const address of new Set(peers.map(({ peer }) => addressOf(peer)))) this.#trouble(address, detail)
    }
    seeder.on('connect', (traffic) => connected.set(traffic.peer, traffic))
    seeder.on('disconnect', ({ peer }) => connected.delete(peer))
    seeder.on('withdrawn', ({ infoHash, name, reason }) => {
      tell(withdrawnText(name, reason), (peer) => peer.infoHash === infoHash)
    })
    seeder.on('crash', ({ retryInMs }) => {
      tell(`the server's seeder crashed and starts again in ${retryInMs / 1000} s; the download goes on`, () => true)
      // Nobody tells that they are gone.
      connected.clear()
    })
    tracker?.on('crash', ({ retryInMs }) => {
      tell(`the server's tracker crashed and starts again in ${retryInMs / 1000} s; the download goes on`, () => true)
    })
  }

  /**
   * A machine reports a step by HTTP from this address.
   *
   * @param withdrawn systems that its menu offers and the seeder does not have any more, with the reason
   */
  takeReport(
    { mac, uuid, step, detail, progress }: ClientReport,
    from: string,
    withdrawn: ReadonlyMap<string, string> = new Map(),
  ): void {
    const isNeighbour = this.#findNeighbour(from) === mac
    this.#machines.bind(mac, from, isNeighbour ? 'host' : 'client')
    // A machine that claims the address of another one speaks for nobody but the one that has it.
    const speaker = this.#machines.macOf(from) ?? mac
    if (uuid !== undefined) this.#identify(speaker, uuid)
    this.#machines.observe(speaker, step, detail, 'client', progress)
    const reason = step === 'download' ? withdrawn.get(detail) : undefined
    if (reason !== undefined) this.#machines.observe(speaker, 'trouble', withdrawnText(detail, reason))
    // Its first report says what it is called.
    if (step === 'phase1') this.#machines.describe(speaker, { name: detail }, 'client')
  }

  /** Notes which machine it is: one network card for USB may boot several in turn, and all have its MAC address. */
  #identify(mac: string, uuid: string): void {
    const before = this.#machines.get(mac)?.uuid
    if (before === uuid) return
    if (before !== undefined) {
      const detail = `another machine with the same network card: its UUID is ${uuid}, before it was ${before}`
      this.#machines.observe(mac, 'phase1', detail, 'client')
    }
    this.#machines.describe(mac, { uuid }, 'client')
  }

  /** Adds what went wrong to the timeline of the machine that has this address. */
  #trouble(address: string, detail: string): void {
    const mac = this.#machineAt(address)
    if (mac !== undefined) this.#machines.observe(mac, 'trouble', detail)
  }

  #fetched(address: string, file: string, by: string): void {
    const step = this.#stepOf(file)
    const mac = step === undefined ? undefined : this.#machineAt(address)
    if (mac !== undefined && step !== undefined) this.#machines.observe(mac, step, `${file} by ${by}`)
  }

  /** The machine that was given this address, or else the one that the system sees there. */
  #machineAt(address: string): string | undefined {
    const known = this.#machines.macOf(address)
    if (known !== undefined) return known
    const mac = this.#findNeighbour(address)
    if (mac !== undefined) this.#machines.bind(mac, address)
    return mac
  }

  /** Which step of a boot it is when a machine has fetched this file. */
  #stepOf(file: string): Step | undefined {
    const { kernels, loaders } = this.#manifest
    if (Object.values(loaders).includes(file)) return 'loader'
    if (Object.values<string>(scriptNames).includes(file)) return 'script'
    if (Object.values(kernels).some((kernel) => kernel.file === file)) return 'kernel'
    return file === environmentName ? 'segments' : undefined
  }
}

function withdrawnText(name: string, reason: string): string {
  return `the server does not have ${name} any more: ${reason}`
}

function share(bytes: number, size: number): string {
  return `${bytes} of ${size} bytes`
}

function describe({ firmware, ipxe, httpBoot, vendorClass }: PxeClient): string {
  if (ipxe) return `iPXE on ${firmware}`
  if (firmware === 'unknown') return vendorClass ?? 'no network boot'
  return httpBoot ? `${firmware} by HTTP` : firmware
}
