/** Machines in another network, behind ISC's relay agent. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLan, type Lan } from './lan.ts'
import { lineOf, SERVER, serve, udhcpc } from './network.ts'

let lan: Lan

beforeEach(async () => {
  lan = await createLan('172.30.0.1/24')
  await lan.run('ip', 'link', 'add', 'far', 'type', 'bridge')
  await lan.run('ip', 'link', 'set', 'far', 'up')
  const relay = await lan.host('02:00:00:00:06:01')
  await relay.run('ip', 'address', 'add', '172.30.0.2/24', 'dev', 'eth0')
  // A process in the relay's namespace tells the second cable where to go.
  const there = relay.spawn('sleep', 'infinity')
  await lineOf(relay.spawn('sh', '-c', 'echo there; exec sleep infinity'), /there/)
  await lan.run('ip', 'link', 'add', 'farport', 'type', 'veth', 'peer', 'name', 'eth1', 'netns', `${there.pid}`)
  await lan.run('ip', 'link', 'set', 'farport', 'master', 'far', 'up')
  await relay.run('ip', 'address', 'add', '10.9.0.1/24', 'dev', 'eth1')
  await relay.run('ip', 'link', 'set', 'eth1', 'up')
  await lan.run('ip', 'route', 'add', '10.9.0.0/24', 'via', '172.30.0.2')
  await relay.run('sysctl', '-qw', 'net.ipv4.ip_forward=1')
  // -a adds option 82; -D drops answers in which it does not come back as it was sent.
  const words = ['-4', '-d', '-a', '-D', '-pf', '/dev/null', '-iu', 'eth0', '-id', 'eth1', SERVER.address]
  await lineOf(relay.spawn('dhcrelay', ...words), /Sending on +Socket\/fallback/)
})
afterEach(() => lan.close())

test('a machine behind it gets an address of its own network, and one beside the server gets one of that', async () => {
  const near = { first: '172.30.0.100', last: '172.30.0.110', leaseSeconds: 60 }
  const far = { first: '10.9.0.10', last: '10.9.0.20', netmask: '255.255.255.0', router: '10.9.0.1', leaseSeconds: 60 }
  await using server = await serve(lan, { pool: [near, far] })
  const behind = await udhcpc(await lan.host('02:00:00:00:06:02', 'far'))
  expect(behind.ip).toMatch(/^10\.9\.0\.(1\d|20)$/)
  expect(behind).toMatchObject({ router: '10.9.0.1', serverid: SERVER.address })
  const beside = await udhcpc(await lan.host('02:00:00:00:06:03'))
  expect(beside.ip).toMatch(/^172\.30\.0\.1(0\d|10)$/)
  expect(server.count('dhcp.ack')).toBe(2)
})

test('a machine behind it renews its lease from the server itself, which answers it there', async () => {
  const far = { first: '10.9.0.10', last: '10.9.0.20', netmask: '255.255.255.0', router: '10.9.0.1', leaseSeconds: 600 }
  await using server = await serve(lan, { pool: [far] })
  const host = await lan.host('02:00:00:00:06:04', 'far')
  const client = host.spawn('busybox', 'udhcpc', '-f', '-i', 'eth0', '-s', '/bin/true')
  await lineOf(client, /lease of 10\.9\.0\.\d+ obtained/)
  const given = await server.waitFor(({ event }) => event === 'dhcp.ack', 'the lease')
  await host.run('ip', 'address', 'add', `${given.address}/24`, 'dev', 'eth0')
  await host.run('ip', 'route', 'add', 'default', 'via', '10.9.0.1')

  const asked = lineOf(client, /sending renew to server 172\.30\.0\.1/)
  const renewed = lineOf(client, new RegExp(`lease of ${given.address} obtained`))
  client.kill('SIGUSR1')
  await Promise.all([asked, renewed])
  const again = await server.waitFor((entry) => entry.event === 'dhcp.ack' && entry !== given, 'the renewal')
  expect(again.address).toBe(given.address)
})
