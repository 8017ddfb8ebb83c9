import { describe, expect, it } from 'vitest'
import type { ClientMachineRule } from '../../../client/contract.ts'
import { configurationFor, type MachineFacts, readMachineFacts } from '../../../client/tui/machine-rule.ts'
import { FakeSystem } from './fake-system.ts'
import { configuration, debian } from './fixtures.ts'

const identity = { mac: '52:54:00:AB:CD:EF', ip: '192.0.2.7', hostname: 'pc7', server: 'http://192.0.2.1:8000' }
const uuid = '4c4c4544-0042-3510-8052-b4c04f4d3732'
const facts: MachineFacts = { ...identity, mac: '52:54:00:ab:cd:ef', uuid, architecture: 'uefi-x64' }
const nothing = { defaultOs: null, timeout: null, cmdline: null }

function withRules(...machines: ClientMachineRule[]) {
  return configurationFor({ ...configuration, machines }, facts)
}

describe('what the machine knows of itself', () => {
  it('is read from the firmware', () => {
    const system = new FakeSystem()
    expect(readMachineFacts(system, identity)).toMatchObject({
      mac: '52:54:00:ab:cd:ef',
      uuid: '',
      architecture: 'bios',
    })
    system.files.set('/sys/class/dmi/id/product_uuid', `${uuid.toUpperCase()}\n`)
    system.files.set('/sys/firmware/efi', '')
    system.files.set('/sys/firmware/efi/fw_platform_size', '32\n')
    expect(readMachineFacts(system, identity)).toMatchObject({ uuid, architecture: 'uefi-ia32' })
    system.files.set('/sys/firmware/efi/fw_platform_size', '64\n')
    expect(readMachineFacts(system, identity).architecture).toBe('uefi-x64')
  })
})

describe('a rule', () => {
  it('for another machine changes nothing', () => {
    const other = { match: { mac: '52:54:00:00:00:01' }, defaultOs: 'tool', timeout: 0, cmdline: 'single' }
    expect(withRules(other)).toMatchObject({ defaultOs: 'debian', timeout: 10, oss: configuration.oss })
  })

  it.each<ClientMachineRule['match']>([{ mac: facts.mac }, { uuid }, { architecture: 'uefi-x64' }])(
    'for %o sets default, countdown and words for the kernel',
    (match) => {
      const { defaultOs, timeout, oss } = withRules({ match, defaultOs: 'tool', timeout: -1, cmdline: 'nomodeset' })
      expect([defaultOs, timeout]).toEqual(['tool', -1])
      expect(oss[0]).toEqual({ ...debian, cmdline: 'quiet root=LABEL="a b" nomodeset' })
    },
  )

  it('that matches first wins whole', () => {
    const first = { ...nothing, match: { mac: facts.mac }, timeout: 3 }
    const second = { ...nothing, match: { uuid }, defaultOs: 'tool' }
    expect(withRules(first, second)).toMatchObject({ timeout: 3, defaultOs: 'debian' })
  })
})

it('a command line says what the machine is called, and a strange host name adds no words to it', () => {
  const cmdline = 'a={{mac}} b={{ip}} c={{hostname}} d={{server}} e={{uuid}} f={{mac}}'
  const named = { ...facts, hostname: 'pc7 init=/bin/sh' }
  const { oss } = configurationFor(
    {
      ...configuration,
      oss: [{ ...debian, method: 'kexec', kernel: 'vmlinuz', initrds: [], initrdBytes: 0, cmdline, signed: false }],
    },
    named,
  )
  expect(oss[0]).toMatchObject({
    cmdline: `a=${facts.mac} b=192.0.2.7 c=pc7init/bin/sh d=http://192.0.2.1:8000 e=${uuid} f=${facts.mac}`,
  })
})
