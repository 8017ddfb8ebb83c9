/** `status` and `wake` as programs of their own, on a network of their own, beside a running server and without one. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Status } from '../../../src/status/index.ts'
import { createLan, type Host, type Lan } from '../dhcp/lan.ts'
import { lineOf, runToEnd, udhcpc } from '../dhcp/network.ts'

const program = path.resolve(import.meta.dirname, '../../../dist/boottorrent.js')
const card = '02:00:00:00:07:01'

/**
 * What a card that sleeps sees: frames, for it has no address. Prints where each UDP packet to port 9 goes, and its content, in
 * hexadecimal digits.
 */
const sleepingCard = `use Socket; $| = 1;
  socket(my $card, 17, SOCK_RAW, 0x0300) or die "no packet socket: $!"; print "asleep\\n";
  while (defined recv($card, my $frame, 65536, 0)) {
    next unless length($frame) >= 42 and unpack("x12 n", $frame) == 0x0800 and unpack("x36 n", $frame) == 9;
    print unpack("H12", $frame), " ", unpack("x42 H*", $frame), "\\n";
  }`

let lan: Lan
let environment: string

beforeEach(async () => {
  lan = await createLan('172.30.0.1/24')
  environment = await mkdtemp(path.join(tmpdir(), 'boottorrent-commands-'))
  await mkdir(path.join(environment, 'oss/demo'), { recursive: true })
  await writeFile(path.join(environment, 'oss/demo/vmlinuz'), 'a kernel')
  await writeFile(path.join(environment, 'oss/demo/config.yaml'), 'dispname: Demo\nmethod: kexec\nkernel: vmlinuz\n')
  await writeFile(
    path.join(environment, 'Boottorrent.yaml'),
    `version: 1
network: { interface: lan0, mode: dhcp }
http: { port: 8123 }
machines:
  - { mac: "${card}", hostname: teacher }
`,
  )
})

afterEach(async () => {
  await lan.close()
  await rm(environment, { recursive: true, force: true })
})

function boottorrent(on: Host, ...words: string[]): Promise<{ code: number | null; output: string }> {
  return runToEnd(on, process.execPath, program, ...words)
}

test('status asks the running server: a machine that got an address by DHCP is there, under its name', async () => {
  const server = lan.spawn(process.execPath, program, 'start', environment, '--json')
  await lineOf(server, /"event":"server.ready"/)
  const machine = await lan.host(card)
  await udhcpc(machine, '-V', 'PXEClient:Arch:00007:UNDI:003016')

  const { code, output } = await boottorrent(lan, 'status', environment, '--json')
  expect(code).toBe(0)
  const status = JSON.parse(output) as Status
  expect(status).toMatchObject({
    version: 1,
    server: { interface: 'lan0', address: '172.30.0.1', actions: ['wake', 'reload'] },
  })
  expect(status.machines).toMatchObject([
    { mac: card, name: 'teacher', firmware: 'uefi-x64', step: { step: 'address' } },
  ])
  expect(status.swarms).toMatchObject([{ name: 'demo', incomplete: 0 }])

  const shown = await boottorrent(lan, 'status', environment)
  expect(shown.output).toContain('serves lan0 (172.30.0.1)')
  expect(shown.output).toMatch(/teacher +172\.30\.0\.\d+ +uefi-x64 +dhcp \(address\)/)
})

test('status says it in a sentence when no server answers, and exits with 1', async () => {
  const { code, output } = await boottorrent(lan, 'status', environment)
  expect(output).toContain('error: No boottorrent answers on http://172.30.0.1:8123/.')
  expect(output).toContain('boottorrent start')
  expect(code).toBe(1)
})

test('status and wake tell programs why they failed, and wake whom it woke', async () => {
  const status = await boottorrent(lan, 'status', environment, '--json')
  expect(JSON.parse(status.output)).toMatchObject({
    error: 'No boottorrent answers on http://172.30.0.1:8123/.',
    hint: expect.stringContaining('boottorrent start'),
    code: 'NOT_RUNNING',
  })
  expect(status.code).toBe(1)
  const unknown = await boottorrent(lan, 'wake', 'pc-03', '--dir', environment, '--json')
  expect(JSON.parse(unknown.output)).toMatchObject({ error: expect.stringContaining('"pc-03"'), code: 'USAGE' })
  expect(unknown.code).toBe(2)
  const woken = await boottorrent(lan, 'wake', 'teacher', '--dir', environment, '--json')
  expect(JSON.parse(woken.output)).toEqual({ woken: [card], interfaces: ['lan0'] })
  expect(woken.code).toBe(0)
})

test('wake reaches a card that sleeps, by its name, on the served interface and no other', async () => {
  // What goes to everybody would leave by this one.
  await lan.run('ip', 'link', 'add', 'other', 'type', 'bridge')
  await lan.run('ip', 'address', 'add', '10.9.9.1/24', 'dev', 'other')
  await lan.run('ip', 'link', 'set', 'other', 'up')
  await lan.run('ip', 'route', 'add', 'default', 'via', '10.9.9.2')
  const machine = await lan.host(card)
  const asleep = machine.spawn('perl', '-e', sleepingCard)
  await lineOf(asleep, /asleep/)
  const packet = lineOf(asleep, /^[0-9a-f]{12} [0-9a-f]+$/)

  const { code, output } = await boottorrent(lan, 'wake', 'Teacher', '--dir', environment)
  expect(output).toContain(`Woke ${card} on lan0.`)
  expect(code).toBe(0)
  expect(await packet).toBe(`ffffffffffff ${'ff'.repeat(6)}${card.replaceAll(':', '').repeat(16)}`)
})

test('wake knows machines of the running server too, wakes all of them, and says whom it does not know', async () => {
  const server = lan.spawn(process.execPath, program, 'start', environment, '--json')
  await lineOf(server, /"event":"server.ready"/)
  const other = '02:00:00:00:07:02'
  const machine = await lan.host(other)
  await udhcpc(machine, '-V', 'PXEClient:Arch:00007:UNDI:003016', '-x', 'hostname:pc-02')

  expect((await boottorrent(lan, 'wake', 'pc-02', '--dir', environment)).output).toContain(`Woke ${other} on lan0.`)
  const all = await boottorrent(lan, 'wake', '--all', '--dir', environment)
  expect(all.output).toContain(`Woke ${card}, ${other} on lan0.`)
  const unknown = await boottorrent(lan, 'wake', 'pc-03', '--dir', environment)
  expect(unknown.output).toContain('"pc-03" is neither a MAC address nor the name of a machine.')
  expect(unknown.code).toBe(2)
  const nobody = await boottorrent(lan, 'wake', '--dir', environment)
  expect(nobody.output).toContain('Nobody was named to be woken.')
  expect(nobody.code).toBe(2)
})
