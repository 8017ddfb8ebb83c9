import type { ClientReport } from '../../../client/contract.ts'
import type { FakeChild, FakeSystem } from './fake-system.ts'

/** Answers JSON-RPC as aria2 1.36 does, on a {@link FakeSystem}. What it says of the download is set by the test. */
export class FakeAria2 {
  status: Record<string, string> = {
    status: 'active',
    completedLength: '0',
    totalLength: '1000',
    downloadSpeed: '0',
    uploadSpeed: '0',
    uploadLength: '0',
    connections: '1',
    numSeeders: '1',
    seeder: 'false',
  }
  /** As aria2.getPeers has them. */
  peers: { ip: string; downloadSpeed: string; uploadSpeed: string; bitfield: string }[] = []
  /** Of the torrent. */
  announceList: readonly (readonly string[])[] = [['http://192.0.2.1:6969/announce'], ['udp://192.0.2.1:6969/announce']]
  /** How many machines have everything and how many do not, as the tracker says; undefined: it does not answer. */
  swarm: { readonly complete: number; readonly incomplete: number } | undefined
  child: FakeChild | undefined
  readonly methods: string[] = []
  /** Details of what was reported to the host. */
  readonly reports: string[] = []
  /** The reports themselves. */
  readonly told: ClientReport[] = []
  /** Other programs that are started end at once: those on a console with this code. */
  programCode = 0

  constructor(system: FakeSystem) {
    system.onSpawn = (child) => {
      if (child.command.words[0]?.endsWith('aria2c')) this.child = child
      else child.end({ code: child.command.terminal === undefined ? 0 : this.programCode })
    }
    system.onExchange = ({ port, message }) => {
      if (port === 6969) return this.answerScrape(message)
      if (port !== 6800) {
        const report = JSON.parse(message.slice(message.indexOf('\r\n\r\n') + 4)) as ClientReport
        this.told.push(report)
        this.reports.push(report.detail)
        return 'HTTP/1.0 204 No Content\r\n\r\n'
      }
      if (!this.child || this.child.hasEnded) throw new Error('connection refused')
      return `HTTP/1.1 200 OK\r\nContent-Type: application/json-rpc\r\n\r\n${JSON.stringify(this.answer(message))}`
    }
  }

  get options(): readonly string[] {
    return this.child?.command.words ?? []
  }

  progress(completed: number, speed = 100) {
    this.status = { ...this.status, completedLength: String(completed), downloadSpeed: String(speed) }
  }

  complete() {
    const { totalLength = '' } = this.status
    this.status = { ...this.status, completedLength: totalLength, downloadSpeed: '0', seeder: 'true' }
  }

  private answerScrape(message: string): string {
    if (!message.startsWith(`GET /scrape?info_hash=%01%23%45`)) throw new Error('no scrape of this torrent')
    if (this.swarm === undefined) throw new Error('connection refused')
    const { complete, incomplete } = this.swarm
    const counts = `d8:completei${complete}e10:downloadedi3e10:incompletei${incomplete}ee`
    return `HTTP/1.1 200 OK\r\n\r\nd5:filesd20:\u0001#Eg89\ufffd\ufffd${counts}ee`
  }

  private answer(message: string) {
    const { id, method, params } = JSON.parse(message.slice(message.indexOf('\r\n\r\n') + 4))
    this.methods.push(method)
    const secret = this.options.find((option) => option.startsWith('--rpc-secret='))?.split('=')[1]
    if (params[0] !== `token:${secret}`) return { id, error: { code: 1, message: 'Unauthorized' } }
    if (method === 'aria2.tellStatus') {
      return { id, jsonrpc: '2.0', result: { ...this.status, bittorrent: { announceList: this.announceList } } }
    }
    if (method === 'aria2.getPeers') return { id, jsonrpc: '2.0', result: this.peers }
    return { id, jsonrpc: '2.0', result: 'OK' }
  }
}
