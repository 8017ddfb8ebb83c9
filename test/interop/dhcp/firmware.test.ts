/** Real firmware in QEMU, software emulation: does it take what we answer? Its TFTP or HTTP request is the proof. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLan, type Lan } from './lan.ts'
import { foreignServer, type RunningServer, serve } from './network.ts'

const UUID = '00112233-4455-6677-8899-aabbccddeeff'
const MAC = '52:54:00:00:04:01'
const TIMEOUT = 120_000

let lan: Lan
let folder: string

beforeEach(async () => {
  lan = await createLan('172.30.0.1/24')
  folder = await mkdtemp(join(tmpdir(), 'firmware-'))
})
afterEach(async () => {
  await lan.close()
  await rm(folder, { recursive: true })
})

type Kind = 'iPXE of the BIOS' | 'iPXE of UEFI' | 'edk2' | 'edk2, HTTP boot'

/** Switches a machine on. */
async function powerOn(kind: Kind): Promise<void> {
  const network = ['-netdev', `tap,id=net,ifname=${await lan.tap()},script=no,downscript=no`]
  const common = ['-accel', 'tcg', '-M', 'q35', '-m', '256', '-nodefaults', '-display', 'none', '-uuid', UUID]
  // Without an option ROM of the card it is the firmware's own network stack that boots.
  const rom = kind.startsWith('edk2') ? ',romfile=' : ''
  const card = ['-device', `virtio-net-pci,netdev=net,mac=${MAC},bootindex=0${rom}`]
  const firmware: string[] = []
  if (kind !== 'iPXE of the BIOS') {
    const variables = join(folder, 'vars.fd')
    await copyFile('/usr/share/OVMF/OVMF_VARS_4M.fd', variables)
    firmware.push('-drive', 'if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd')
    firmware.push('-drive', `if=pflash,format=raw,file=${variables}`)
  }
  if (kind === 'edk2, HTTP boot') {
    for (const protocol of ['IPv4', 'IPv6']) {
      firmware.push('-fw_cfg', `name=opt/org.tianocore/${protocol}PXESupport,string=n`)
    }
  }
  lan.spawn('qemu-system-x86_64', ...common, ...firmware, ...network, ...card)
}

async function requestedFile(server: RunningServer): Promise<unknown> {
  return (await server.waitFor(({ event }) => event === 'tftp.request', 'the request of a boot file', TIMEOUT)).file
}

describe('with addresses of ours', () => {
  test.each([
    ['iPXE of the BIOS', 'boot.ipxe', { firmware: 'bios', ipxe: true }],
    ['iPXE of UEFI', 'boot.ipxe', { firmware: 'uefi-x64', ipxe: true }],
    ['edk2', 'uefi-x64.efi', { firmware: 'uefi-x64', ipxe: false }],
  ] as const)(
    '%s takes address and boot file',
    async (kind, file, client) => {
      await using server = await serve(lan, { tftp: true })
      await powerOn(kind)
      expect(await requestedFile(server)).toBe(file)
      const acknowledged = server.log.find(({ event }) => event === 'dhcp.ack')
      expect(acknowledged).toMatchObject({ mac: MAC, uuid: UUID, ...client })
    },
    TIMEOUT,
  )

  test(
    'edk2 boots by HTTP from the URL',
    async () => {
      await using server = await serve(lan, { http: true })
      await powerOn('edk2, HTTP boot')
      const wanted = await server.waitFor(({ event }) => event === 'http.request', 'the HTTP request', TIMEOUT)
      expect(wanted.file).toBe('/uefi-x64.efi')
    },
    TIMEOUT,
  )
})

describe('beside a foreign DHCP server', () => {
  test.each([
    ['iPXE of the BIOS', 'boot.ipxe'],
    ['iPXE of UEFI', 'boot.ipxe'],
    ['edk2', 'uefi-x64.efi'],
  ] as const)(
    '%s takes its address from there and the boot file from us',
    async (kind, file) => {
      await foreignServer(await lan.host('02:00:00:00:04:99'))
      await using server = await serve(lan, { mode: 'proxy', tftp: true })
      await powerOn(kind)
      expect(await requestedFile(server)).toBe(file)
      const asked = server.log.find(({ event }) => event === 'tftp.request')
      expect(asked?.from).toMatch(/^172\.30\.0\.(5\d|60)$/)
      expect(server.count('dhcp.ack')).toBe(0)
    },
    TIMEOUT,
  )

  test(
    'edk2 boots by HTTP from our URL',
    async () => {
      await foreignServer(await lan.host('02:00:00:00:04:99'))
      await using server = await serve(lan, { mode: 'proxy', http: true })
      await powerOn('edk2, HTTP boot')
      const wanted = await server.waitFor(({ event }) => event === 'http.request', 'the HTTP request', TIMEOUT)
      expect(wanted.file).toBe('/uefi-x64.efi')
    },
    TIMEOUT,
  )
})
