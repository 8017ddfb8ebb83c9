import { EventEmitter } from 'node:events'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ClientManifest } from '../../client/contract.ts'
import type { DhcpServer, PxeClient } from '../../src/dhcp/index.ts'
import type { HttpServer } from '../../src/http/index.ts'
import { createMachines, type Machines } from '../../src/machines/index.ts'
import type { Seeder } from '../../src/seeder/index.ts'
import type { TftpServer } from '../../src/tftp/index.ts'
import { Timeline } from '../../src/timeline.ts'
import type { Tracker } from '../../src/tracker/index.ts'

const mac = '52:54:00:12:34:56'
const address = '192.0.2.7'
const remote = { address, port: 2000 }
const manifest = {
  kernels: { '686': { file: 'vmlinuz-686', release: '1' }, amd64: { file: 'vmlinuz-amd64', release: '1' } },
  loaders: { bios: 'ipxe.pxe', 'uefi-x64': 'snponly.efi' },
} as ClientManifest

let machines: Machines
let tftp: TftpServer
let http: HttpServer
let dhcp: DhcpServer
let seeder: Seeder
let tracker: Tracker
let neighbours: Map<string, string>
let timeline: Timeline
const steps = () => machines.list().flatMap(({ timeline }) => timeline.map(({ step, detail }) => `${step}: ${detail}`))

beforeEach(() => {
  machines = createMachines()
  machines.bind(mac, address)
  tftp = new EventEmitter() as TftpServer
  http = new EventEmitter() as HttpServer
  dhcp = new EventEmitter() as DhcpServer
  seeder = new EventEmitter() as Seeder
  tracker = new EventEmitter() as Tracker
  neighbours = new Map()
  timeline = new Timeline({
    machines,
    manifest,
    nameOf: ({ mac }) => (mac === '52:54:00:00:00:07' ? 'teacher' : undefined),
    findNeighbour: (address) => neighbours.get(address),
  })
  timeline.watchTftp(tftp)
  timeline.watchHttp(http)
  timeline.watchDhcp(dhcp)
  timeline.watchTorrents({ seeder, tracker })
})

const transfer = { remote, file: 'snponly.efi', size: 1000, blockSize: 512, windowSize: 1 }
const request = { remote, file: 'vmlinuz-amd64', method: 'GET', status: 200, bytes: 400, complete: true, ms: 1 }

describe('what a machine sends to the seeder', () => {
  it('is trouble when no sound program sends it', () => {
    const offence = {
      infoHash: 'aa'.repeat(20),
      kind: 'message',
      detail: 'announces a message that is too long',
    } as const
    seeder.emit('offence', { ...offence, peer: `${address}:40000` })
    seeder.emit('offence', { ...offence, peer: `${address}:40001` })
    seeder.emit('offence', { ...offence, peer: '192.0.2.99:40000' })
    expect(steps()).toEqual(['trouble: it announces a message that is too long'])
  })
})

describe('what happens to seeder and tracker', () => {
  const infoHash = 'aa'.repeat(20)
  const peer = `${address}:40000`

  it('is trouble of the machines that the seeder was serving when it crashed', () => {
    const [gone, goneAddress] = ['52:54:00:00:00:08', '192.0.2.8']
    machines.bind(gone, goneAddress)
    seeder.emit('connect', { infoHash, peer, uploaded: 0 })
    seeder.emit('connect', { infoHash, peer: `${goneAddress}:40000`, uploaded: 0 })
    seeder.emit('disconnect', { infoHash, peer: `${goneAddress}:40000`, uploaded: 0 })
    seeder.emit('crash', { error: new Error('x'), retryInMs: 500 })
    expect(steps()).toEqual(["trouble: the server's seeder crashed and starts again in 0.5 s; the download goes on"])
  })

  it('is trouble of the machines that were downloading when the tracker crashed', () => {
    tracker.emit('crash', { error: new Error('x'), retryInMs: 500 })
    seeder.emit('connect', { infoHash, peer, uploaded: 0 })
    tracker.emit('crash', { error: new Error('x'), retryInMs: 1_000 })
    expect(steps()).toEqual(["trouble: the server's tracker crashed and starts again in 1 s; the download goes on"])
  })

  it('is trouble of the machines that were downloading what is served no longer', () => {
    seeder.emit('connect', { infoHash, peer, uploaded: 0 })
    seeder.emit('withdrawn', { infoHash: 'bb'.repeat(20), name: 'other', reason: 'x' })
    seeder.emit('withdrawn', { infoHash, name: 'debian', reason: 'image is not what it was when its torrent was made' })
    expect(steps()).toEqual([
      'trouble: the server does not have debian any more: image is not what it was when its torrent was made',
    ])
  })
})

describe('what a machine fetches', () => {
  it('is a step when it came whole, by either way', () => {
    tftp.emit('done', { ...transfer, bytes: 1000, ms: 1, retransmits: 0 })
    http.emit('request', request)
    expect(steps()).toEqual(['loader: snponly.efi by TFTP', 'kernel: vmlinuz-amd64 by HTTP'])
  })

  it('is trouble, with the reason, when it stalls or is broken off', () => {
    tftp.emit('stalled', { ...transfer, bytes: 512 })
    const outcome = { ...transfer, bytes: 512, ms: 1, retransmits: 7 }
    tftp.emit('aborted', { ...outcome, reason: 'silence', detail: 'the client is silent' })
    http.emit('request', { ...request, complete: false })
    expect(steps()).toEqual([
      'trouble: snponly.efi by TFTP stalls at 512 of 1000 bytes: the machine does not answer',
      'trouble: snponly.efi by TFTP broken off at 512 of 1000 bytes: the client is silent',
      'trouble: vmlinuz-amd64 by HTTP broken off after 400 bytes',
    ])
  })

  it('is trouble when it was refused, unless it need not be there', () => {
    tftp.emit('refused', { remote, file: 'pxelinux.cfg/default', reason: 'not-found' })
    tftp.emit('refused', { remote, file: 'snponly.efi', reason: 'busy' })
    expect(steps()).toEqual(['trouble: snponly.efi by TFTP refused: busy'])
  })

  it('is nothing when only the size was asked for, or when nobody knows the machine', () => {
    tftp.emit('probed', transfer)
    http.emit('request', { ...request, method: 'HEAD' })
    http.emit('request', { ...request, remote: { address: '192.0.2.8', port: 1 } })
    expect(steps()).toEqual([])
  })
})

describe('a machine to which another DHCP server gave its address', () => {
  const other = '52:54:00:00:00:08'

  it('is known by the card that the system sees behind the address, and is no stranger', () => {
    neighbours.set('192.0.2.8', other)
    tftp.emit('done', { ...transfer, remote: { address: '192.0.2.8', port: 1 }, bytes: 1000, ms: 1, retransmits: 0 })
    expect(machines.get(other)).toMatchObject({
      address: '192.0.2.8',
      boot: { step: { step: 'loader', source: 'host' } },
    })
  })

  it('cannot take the name of the one that really has the address', () => {
    neighbours.set('192.0.2.8', other)
    timeline.takeReport({ mac: other, step: 'phase1', detail: 'pc-8' }, '192.0.2.8')
    timeline.takeReport({ mac: '06:00:00:00:00:01', step: 'failed', detail: 'boo' }, '192.0.2.8')
    expect(machines.get('06:00:00:00:00:01')).toBeUndefined()
    expect(machines.get(other)).toMatchObject({ name: 'pc-8' })
  })
})

describe('what a machine is called and is', () => {
  const client = {
    mac: '52:54:00:00:00:07',
    firmware: 'uefi-x64',
    ipxe: false,
    netboot: true,
    hostname: 'called-itself',
  } as PxeClient

  it('is what the environment says before what it says itself', () => {
    dhcp.emit('discover', { mac: client.mac, client, interface: undefined })
    expect(machines.get(client.mac)).toMatchObject({ name: 'teacher', firmware: 'uefi-x64' })
  })

  it('stays known when Phase-1 asks, which tells no firmware', () => {
    dhcp.emit('discover', { mac: client.mac, client, interface: undefined })
    const phase1 = { ...client, firmware: 'unknown', netboot: false, vendorClass: 'boottorrent' } as PxeClient
    dhcp.emit('discover', { mac: client.mac, client: phase1, interface: undefined })
    expect(machines.get(client.mac)).toMatchObject({ firmware: 'uefi-x64', boot: { number: 1 } })
  })
})

it('bytes that the seeder sent are counted for the machine that has the address', () => {
  seeder.emit('disconnect', { infoHash: '', peer: `${address}:41234`, uploaded: 700 })
  expect(machines.get(mac)?.received).toBe(700)
})

it('a machine that begins to download what is served no longer is told of at once', () => {
  const withdrawn = new Map([['debian', 'its disk cannot read it (EIO)']])
  timeline.takeReport({ mac, step: 'menu', detail: 'debian' }, address, withdrawn)
  timeline.takeReport({ mac, step: 'download', detail: 'other' }, address, withdrawn)
  timeline.takeReport({ mac, step: 'download', detail: 'debian' }, address, withdrawn)
  expect(steps()).toEqual([
    'menu: debian',
    'download: other',
    'download: debian',
    'trouble: the server does not have debian any more: its disk cannot read it (EIO)',
  ])
})

it('numbers of a report stand on the machine', () => {
  const progress = { done: 5, total: 10, down: 1, up: 2, fromServer: 5, fromPeers: 0, peers: [] }
  timeline.takeReport({ mac, step: 'progress', detail: 'demo 50%', progress }, address)
  expect(machines.get(mac)?.boot?.progress).toEqual(progress)
})

describe('one network card on several machines', () => {
  const [one, other] = ['4c4c4544-0042-3510-8052-b4c04f4d3732', '4c4c4544-0042-3510-8052-b4c04f4d3733']

  it('is told when the UUID is another one, once', () => {
    timeline.takeReport({ mac, uuid: one, step: 'phase1', detail: 'pc-7' }, address)
    timeline.takeReport({ mac, uuid: one, step: 'menu', detail: '1 system' }, address)
    timeline.takeReport({ mac, uuid: other, step: 'phase1', detail: 'pc-7' }, address)
    timeline.takeReport({ mac, uuid: other, step: 'menu', detail: '1 system' }, address)
    expect(steps()).toEqual([
      'phase1: pc-7',
      'menu: 1 system',
      `phase1: another machine with the same network card: its UUID is ${other}, before it was ${one}`,
      'phase1: pc-7',
      'menu: 1 system',
    ])
    expect(machines.get(mac)?.uuid).toBe(other)
  })

  it('is not told of a machine that sends none, as older menus do', () => {
    timeline.takeReport({ mac, uuid: one, step: 'phase1', detail: 'pc-7' }, address)
    timeline.takeReport({ mac, step: 'phase1', detail: 'pc-7' }, address)
    expect(steps()).toEqual(['phase1: pc-7', 'phase1: pc-7'])
    expect(machines.get(mac)?.uuid).toBe(one)
  })
})
