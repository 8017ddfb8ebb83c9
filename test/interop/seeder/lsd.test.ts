/** A swarm without a tracker: machines find the host, and each other, by local peer discovery (BEP 14). */
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLan, type Host, type Lan } from '../dhcp/lan.ts'
import { lineOf, lines } from '../dhcp/network.ts'

const IMAGE = Buffer.alloc(6_000_000, 'found without a tracker ')

let lan: Lan
let folder: string

beforeEach(async () => {
  lan = await createLan('172.30.0.1/24')
  await toTheLan(lan, 'lan0')
  folder = await mkdtemp(path.join(tmpdir(), 'boottorrent-lsd-'))
  await mkdir(path.join(folder, 'os'))
  await writeFile(path.join(folder, 'os/image'), IMAGE)
})

afterEach(async () => {
  await lan.close()
  await rm(folder, { recursive: true, force: true })
})

/** Group addresses need a route, as every computer has one that is on a network. */
async function toTheLan(host: Host, device: string): Promise<void> {
  await host.run('ip', 'route', 'add', '224.0.0.0/4', 'dev', device)
}

async function machine(number: number): Promise<Host> {
  const host = await lan.host(`02:00:00:00:06:0${number}`)
  await host.run('ip', 'address', 'add', `172.30.0.1${number}/24`, 'dev', 'eth0')
  await toTheLan(host, 'eth0')
  return host
}

/** Downloads to the end and returns the bytes. */
async function download(host: Host, number: number): Promise<Buffer> {
  const into = path.join(folder, `machine${number}`)
  const words = ['--no-conf', '--enable-dht=false', '--disable-ipv6', '--bt-enable-lpd=true', '--seed-time=0']
  const quiet = ['--file-allocation=none', '--summary-interval=0', '--console-log-level=error']
  const client = host.spawn('aria2c', ...words, ...quiet, '--dir', into, path.join(folder, 'os.torrent'))
  client.stdout.resume()
  client.stderr.resume()
  expect(await once(client, 'exit')).toEqual([0, null])
  return readFile(path.join(into, 'os/image'))
}

test('a dead tracker does not stop a swarm that has local discovery', async () => {
  const machines = [await machine(1), await machine(2)]
  const script = path.join(import.meta.dirname, 'lsd-host.ts')
  const server = lan.spawn(process.execPath, script, folder, '172.30.0.1')
  const connected: string[] = []
  lines(server.stdout, (line) => connected.push(line.replace(/:\d+$/, '')))
  await lineOf(server, /^ready$/)
  const images = await Promise.all(machines.map((host, index) => download(host, index + 1)))
  expect(images.map((image) => image.equals(IMAGE))).toEqual([true, true])
  expect(connected).toEqual(expect.arrayContaining(['connect 172.30.0.11', 'connect 172.30.0.12']))
})
