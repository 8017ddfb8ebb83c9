import { expect, it } from 'vitest'
import { bootAnswer } from '../../src/boot-answer.ts'
import type { PxeClient } from '../../src/dhcp/index.ts'

const settings = {
  host: '192.0.2.1',
  httpPort: 8000,
  script: 'boot.ipxe',
  loaders: { bios: 'ipxe.pxe', 'uefi-x64': 'snponly.efi' },
}
const pc: PxeClient = {
  mac: '52:54:00:12:34:56',
  uuid: undefined,
  architecture: 0,
  firmware: 'bios',
  ipxe: false,
  httpBoot: false,
  netboot: true,
  vendorClass: undefined,
  hostname: undefined,
}

it.each([
  ['BIOS', {}, 'ipxe.pxe'],
  ['UEFI x64', { firmware: 'uefi-x64' }, 'snponly.efi'],
  ['UEFI x64 by HTTP', { firmware: 'uefi-x64', httpBoot: true }, 'http://192.0.2.1:8000/snponly.efi'],
  ['iPXE on BIOS, never another iPXE', { ipxe: true }, 'boot.ipxe'],
  ['iPXE on firmware without a loader', { ipxe: true, firmware: 'uefi-arm64' }, 'boot.ipxe'],
] as const)('%s gets its file', (_, more, file) => {
  expect(bootAnswer({ ...pc, ...more }, settings)).toEqual({ server: '192.0.2.1', file })
})

it('firmware without a loader gets nothing', () => {
  expect(bootAnswer({ ...pc, firmware: 'uefi-ia32' }, settings)).toBeUndefined()
  expect(bootAnswer({ ...pc, firmware: 'unknown' }, settings)).toBeUndefined()
})
