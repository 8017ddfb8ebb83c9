/** What the services see becomes steps on the timelines of machines. */
import type { ClientManifest } from '../client/contract.ts'
import type { DhcpServer, PxeClient } from './dhcp/index.ts'
import type { HttpServer } from './http/index.ts'
import type { Machines, Step } from './machines/index.ts'
import { environmentName, scriptNames } from './publish.ts'
import type { TftpServer } from './tftp/index.ts'

export class Timeline {
  readonly #machines: Machines
  readonly #manifest: ClientManifest

  constructor(machines: Machines, manifest: ClientManifest) {
    this.#machines = machines
    this.#manifest = manifest
  }

  watchDhcp(dhcp: DhcpServer): void {
    dhcp.on('discover', ({ client }) => this.#machines.observe(client.mac, 'discover', describe(client)))
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

  /** Adds what went wrong to the timeline of the machine that has this address. */
  #trouble(address: string, detail: string): void {
    const mac = this.#machines.macOf(address)
    if (mac !== undefined) this.#machines.observe(mac, 'trouble', detail)
  }

  #fetched(address: string, file: string, by: string): void {
    const mac = this.#machines.macOf(address)
    const step = this.#stepOf(file)
    if (mac !== undefined && step !== undefined) this.#machines.observe(mac, step, `${file} by ${by}`)
  }

  /** Which step of a boot it is when a machine has fetched this file. */
  #stepOf(file: string): Step | undefined {
    const { kernels, loaders } = this.#manifest
    if (Object.values(loaders).includes(file)) return 'loader'
    if (Object.values(scriptNames).includes(file)) return 'script'
    if (Object.values(kernels).some((kernel) => kernel.file === file)) return 'kernel'
    return file === environmentName ? 'segments' : undefined
  }
}

function share(bytes: number, size: number): string {
  return `${bytes} of ${size} bytes`
}

function describe({ firmware, ipxe, httpBoot, vendorClass }: PxeClient): string {
  if (ipxe) return `iPXE on ${firmware}`
  if (firmware === 'unknown') return vendorClass ?? 'no network boot'
  return httpBoot ? `${firmware} by HTTP` : firmware
}
