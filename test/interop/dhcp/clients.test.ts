/** Clients made by others ask our server for their addresses. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLan, type Lan } from './lan.ts'
import { lineOf, runToEnd, serve, udhcpc } from './network.ts'

let lan: Lan
let folder: string

beforeAll(async () => {
  lan = await createLan('172.30.0.1/24')
  folder = await mkdtemp(join(tmpdir(), 'dhcp-'))
})
afterAll(async () => {
  await lan.close()
  await rm(folder, { recursive: true })
})

describe("busybox's client", () => {
  test('is given everything that was set', async () => {
    const settings = { router: '172.30.0.254', dns: ['172.30.0.53', '9.9.9.9'], domain: 'lab.example' }
    await using server = await serve(lan, settings)
    const lease = await udhcpc(await lan.host('02:00:00:00:01:01'))
    expect(lease).toEqual({
      ip: expect.stringMatching(/^172\.30\.0\.(1\d\d|200)$/),
      mask: '24',
      subnet: '255.255.255.0',
      broadcast: '172.30.0.255',
      router: '172.30.0.254',
      dns: '172.30.0.53 9.9.9.9',
      domain: 'lab.example',
      serverid: '172.30.0.1',
      lease: '3600',
    })
    await server.waitFor(({ event, address }) => event === 'dhcp.ack' && address === lease.ip, 'the lease')
  })

  test('is given its reserved address and name', async () => {
    const mac = '02:00:00:00:01:02'
    await using _server = await serve(lan, { fixed: { [mac]: { address: '172.30.0.7', hostname: 'pc-07' } } })
    expect(await udhcpc(await lan.host(mac))).toMatchObject({ ip: '172.30.0.7', hostname: 'pc-07' })
  })

  test('keeps its address when it asks again, and after the server was killed and started anew', async () => {
    const leaseFile = join(folder, 'leases')
    const host = await lan.host('02:00:00:00:01:03')
    const server = await serve(lan, { leaseFile })
    const { ip = '' } = await udhcpc(host)
    expect(await udhcpc(host)).toMatchObject({ ip })
    await server.stop('SIGKILL')

    // A pool of this one address alone: it belongs to the first machine, whatever others ask for.
    await using _again = await serve(lan, { leaseFile, pool: { first: ip, last: ip, leaseSeconds: 3600 } })
    const stranger = await lan.host('02:00:00:00:01:04')
    expect(await udhcpc(stranger, '-r', ip, '-t', '2', '-T', '1')).toEqual({})
    expect(await udhcpc(host)).toMatchObject({ ip })
  })
})

test("ISC's client takes a lease and gives it back", async () => {
  await using server = await serve(lan)
  const host = await lan.host('02:00:00:00:02:01')
  const files = ['-sf', '/bin/true', '-lf', join(folder, 'dhclient.leases'), '-pf', join(folder, 'dhclient.pid')]
  const client = host.spawn('dhclient', '-4', '-d', '-v', '-1', ...files, 'eth0')
  const bound = await lineOf(client, /bound to/)
  const [address] = /172\.30\.0\.\d+/.exec(bound) ?? []
  await server.waitFor((entry) => entry.event === 'dhcp.ack' && entry.address === address, 'the lease')
  // Its release is sent from the address, which its script (/bin/true) did not set.
  await host.run('ip', 'address', 'add', `${address}/24`, 'dev', 'eth0')
  await runToEnd(host, 'dhclient', '-4', '-d', '-v', '-r', ...files, 'eth0')
  await server.waitFor((entry) => entry.event === 'dhcp.release' && entry.address === address, 'the release')
})
