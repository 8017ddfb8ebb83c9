/** All simulated machines: switched on one after the other, downloading at the same time. */
import { setTimeout as delay } from 'node:timers/promises'
import { downloadCentrally } from './central-download.ts'
import { Content } from './content.ts'
import { DhcpClients } from './dhcp-client.ts'
import { SimulatedMachine, type Surroundings } from './machine.ts'
import type { RoomReport, RoomTask, SwarmOutcome } from './messages.ts'
import { Network } from './network.ts'
import type { Torrent } from './torrent.ts'

/** Nobody presses all buttons at once. */
const BETWEEN_MACHINES_MS = 60
const TELL_EVERY_MS = 1_000

export class Room implements AsyncDisposable {
  readonly #task: RoomTask
  readonly #dhcp: DhcpClients
  readonly #tell: (report: RoomReport) => void
  #contents = new Map<string, Content>()
  #machines: readonly SimulatedMachine[] = []

  private constructor(task: RoomTask, dhcp: DhcpClients, tell: (report: RoomReport) => void) {
    this.#task = task
    this.#dhcp = dhcp
    this.#tell = tell
  }

  static async open(task: RoomTask, tell: (report: RoomReport) => void): Promise<Room> {
    return new Room(task, await DhcpClients.open(task.nobody, task.dhcp), tell)
  }

  /**
   * All machines, from power-on to their systems. Who fails drops out.
   *
   * @param go they stay in their menus until then
   */
  async boot(go: Promise<unknown> = Promise.resolve()): Promise<SwarmOutcome> {
    const surroundings = this.#surroundings()
    using _cables = surroundings.network
    const all = Array.from({ length: this.#task.machines }, (_, index) => machineOf(index, surroundings))
    this.#machines = all
    const atMenu = await this.#those(all, async (machine, index) => {
      await delay(index * BETWEEN_MACHINES_MS)
      await machine.boot()
    })
    await go
    // The lesson begins when the room is complete, so that its time can be compared.
    const began = performance.now()
    const idle = performance.eventLoopUtilization()
    const complete = await this.#those(atMenu, (machine) => machine.download())
    const seconds = (performance.now() - began) / 1000
    const { utilization: load } = performance.eventLoopUtilization(idle)
    const booted = await this.#those(complete, (machine) => machine.start())
    this.#machines = booted
    const numbers = all.flatMap((machine) => machine.progress() ?? [])
    return {
      booted: booted.length,
      seconds,
      fromServer: numbers.reduce((sum, one) => sum + one.fromServer, 0),
      fromPeers: numbers.reduce((sum, one) => sum + one.fromPeers, 0),
      damaged: all.reduce((sum, { damaged }) => sum + damaged, 0),
      repeated: this.#dhcp.repeated,
      load,
    }
  }

  /** Those that booted download the same again, from the server alone. @returns the seconds that it took */
  async downloadCentrally(url: string): Promise<number> {
    const { server } = this.#task
    const { network, contentOf } = this.#surroundings()
    using _cables = network
    const began = performance.now()
    const passed = () => (performance.now() - began) / 1000
    let bytes = 0
    let complete = 0
    const onBytes = (count: number) => {
      bytes += count
    }
    const telling = setInterval(
      () => this.#tell({ report: 'central-progress', bytes, complete, seconds: passed() }),
      TELL_EVERY_MS,
    )
    try {
      await this.#those(this.#machines, async ({ address, torrent }) => {
        if (torrent === undefined) return
        await downloadCentrally({ url, address, server, torrent, content: contentOf(torrent), network, onBytes })
        complete += 1
      })
      if (complete < this.#machines.length) {
        throw new Error(`${this.#machines.length - complete} machines did not get everything from one server`)
      }
      return passed()
    } finally {
      clearInterval(telling)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#machines.map((machine) => machine[Symbol.asyncDispose]()))
    await this.#dhcp[Symbol.asyncDispose]()
  }

  /** New cables, and memories that are empty. */
  #surroundings(): Surroundings {
    const { server, speeds, tftpPort } = this.#task
    this.#contents = new Map()
    return {
      dhcp: this.#dhcp,
      network: new Network(server, speeds, () => performance.now()),
      server,
      tftpPort,
      contentOf: (torrent) => this.#contentOf(torrent),
    }
  }

  #contentOf(torrent: Torrent): Content {
    const known = this.#contents.get(torrent.infoHash) ?? new Content(torrent)
    this.#contents.set(torrent.infoHash, known)
    return known
  }

  /** Lets each machine do something, and answers with those that could. */
  async #those(
    machines: readonly SimulatedMachine[],
    step: (machine: SimulatedMachine, index: number) => Promise<void>,
  ): Promise<SimulatedMachine[]> {
    const outcomes = await Promise.all(
      machines.map(async (machine, index) => {
        try {
          await step(machine, index)
          return true
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error)
          await machine.fail(reason)
          this.#tell({ report: 'failed', mac: machine.mac, reason })
          return false
        }
      }),
    )
    return machines.filter((_, index) => outcomes[index])
  }
}

/** Hardware addresses that no card has: they are administered locally. Every third machine is an old one. */
function machineOf(index: number, surroundings: Surroundings): SimulatedMachine {
  const number = index + 1
  const mac = Uint8Array.of(0x02, 0x00, 0x00, 0x00, number >> 8, number & 0xff)
  const text = [...mac].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
  const firmware = index % 3 === 2 ? 'bios' : 'uefi-x64'
  const hostname = `pc-${String(number).padStart(2, '0')}`
  return new SimulatedMachine(text, { mac, firmware, hostname }, surroundings)
}
