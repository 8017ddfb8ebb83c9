import { expect, it } from 'vitest'
import { bootAnswer } from '../../src/boot-answer.ts'
import type { PxeClient } from '../../src/dhcp/index.ts'

const settings = {
  host: '192.0.2.1',
  httpPort: 8000,
  script: 'boot.ipxe',
  pxelinuxScript: 'pxelinux.cfg/default',
  secureBoot: false,
  biosLoader: 'ipxe',
  loaders: { bios: 'ipxe.pxe', 'uefi-x64': 'snponly.efi' },
} as const
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
  expect(bootAnswer({ ...pc, ...more }, settings)).toEqual({
    server: '192.0.2.1',
    file,
    ipxeScript: 'http://192.0.2.1:8000/boot.ipxe',
  })
})

it.each([
  ['UEFI ia32', { firmware: 'uefi-ia32', architecture: 6 }, /^a loader for uefi-ia32; /],
  ['UEFI arm64', { firmware: 'uefi-arm64', architecture: 11 }, /^a loader for uefi-arm64; /],
  ['UEFI arm64 by HTTP', { firmware: 'uefi-arm64', architecture: 19, httpBoot: true }, /^a loader for uefi-arm64; /],
  ['an unknown code', { firmware: 'unknown', architecture: 37 }, /^a loader for architecture code 37, /],
  ['no code at all', { firmware: 'unknown', architecture: undefined }, /^the architecture code \(option 93\), /],
] as const)('%s without a loader gets none, and it is said what is missing and what there is', (_, more, missing) => {
  const answer = bootAnswer({ ...pc, ...more }, settings)
  expect(answer).toEqual({ missing: expect.stringMatching(missing) })
  expect(answer).toEqual({
    missing: expect.stringMatching(/there is ipxe\.pxe for bios and snponly\.efi for uefi-x64$/),
  })
})

const allLoaders = { ...settings.loaders, 'uefi-x64-secure': 'shimx64.efi', 'bios-pxelinux': 'lpxelinux.0' }

it.each([
  ['UEFI x64 gets the shim', { firmware: 'uefi-x64' }, 'shimx64.efi'],
  ['iPXE that runs gets its script, since nothing has refused it', { firmware: 'uefi-x64', ipxe: true }, 'boot.ipxe'],
  ['BIOS gets what it always gets', {}, 'ipxe.pxe'],
] as const)('where Secure Boot is expected, %s', (_, more, file) => {
  const answer = bootAnswer({ ...pc, ...more }, { ...settings, loaders: allLoaders, secureBoot: true })
  expect(answer).toMatchObject({ server: '192.0.2.1', file })
})

it.each([false, true])(
  'a BIOS that is to use PXELINUX gets it with its configuration (iPXE in the card: %s)',
  (ipxe) => {
    const wanted = { ...settings, loaders: allLoaders, biosLoader: 'pxelinux' } as const
    expect(bootAnswer({ ...pc, ipxe }, wanted)).toEqual({
      server: '192.0.2.1',
      file: 'lpxelinux.0',
      pxelinux: { configFile: 'pxelinux.cfg/default' },
    })
    expect(bootAnswer({ ...pc, firmware: 'uefi-x64' }, wanted)).toMatchObject({ file: 'snponly.efi' })
  },
)
