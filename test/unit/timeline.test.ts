import { EventEmitter } from 'node:events'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ClientManifest } from '../../client/contract.ts'
import type { HttpServer } from '../../src/http/index.ts'
import { createMachines, type Machines } from '../../src/machines/index.ts'
import type { TftpServer } from '../../src/tftp/index.ts'
import { Timeline } from '../../src/timeline.ts'

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
const steps = () => machines.list().flatMap(({ timeline }) => timeline.map(({ step, detail }) => `${step}: ${detail}`))

beforeEach(() => {
  machines = createMachines()
  machines.bind(mac, address)
  tftp = new EventEmitter() as TftpServer
  http = new EventEmitter() as HttpServer
  const timeline = new Timeline(machines, manifest)
  timeline.watchTftp(tftp)
  timeline.watchHttp(http)
})

const transfer = { remote, file: 'snponly.efi', size: 1000, blockSize: 512, windowSize: 1 }
const request = { remote, file: 'vmlinuz-amd64', method: 'GET', status: 200, bytes: 400, complete: true, ms: 1 }

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
