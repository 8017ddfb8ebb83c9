import { expect, test } from 'vitest'
import type { ClientOs } from '../../../client/contract.ts'
import { refuseUnsigned } from '../../../client/tui/secure-boot.ts'

const common = { name: 'a', displayName: 'System A', bytes: 1, infoHash: '0'.repeat(40) }
const kexec = (signed: boolean): ClientOs => ({
  ...common,
  method: 'kexec',
  kernel: 'vmlinuz',
  initrds: [],
  initrdBytes: 0,
  cmdline: '',
  signed,
})

test('under Secure Boot a kernel that is not signed is refused, and it is said what to do', () => {
  const refused = () => refuseUnsigned({ isLockedDown: true }, kexec(false))
  expect(refused).toThrow('System A cannot start here: Secure Boot is on, and its kernel is not signed by Debian.')
  expect(refused).toThrow(expect.objectContaining({ todo: expect.stringMatching(/^Switch Secure Boot off/) }))
})

test.each([
  ['a signed kernel under Secure Boot', true, kexec(true)],
  ['any kernel without Secure Boot', false, kexec(false)],
  [
    'a program, which starts no kernel',
    true,
    { ...common, method: 'program', program: 'run', loader: null, programBytes: 0, args: [] } as const,
  ],
])('%s starts', (_, isLockedDown, os) => {
  expect(() => refuseUnsigned({ isLockedDown }, os)).not.toThrow()
})
