import { expect, test } from 'vitest'
import type { ClientManifest } from '../../../client/contract.ts'
import { doctor } from '../../../src/cli/doctor.ts'
import type { Facts } from '../../../src/doctor/index.ts'
import { BoottorrentError } from '../../../src/errors.ts'
import { hintsFor } from '../../../src/platform/index.ts'
import { linux, temporaryEnvironment } from '../environment/temporary-environment.ts'
import { fakeIo } from './fake-io.ts'

/** A computer on which all is well. */
const well: Facts = {
  hints: hintsFor('linux'),
  interfaces: async () => ({
    eth1: [{ family: 'IPv4', address: '192.0.2.1', netmask: '255.255.255.0', internal: false }],
  }),
  linkState: async () => 'up',
  tryPort: async () => undefined,
  isPortTaken: () => false,
  portHolder: () => undefined,
  isServed: async () => false,
  dhcpServers: async () => [],
  firewallRules: async () => ({ nft: 'missing', iptables: 'missing' }),
  availableMemory: () => 8e9,
  isFolder: async () => false,
  tryWrite: async () => {},
  freeSpace: async () => 1e12,
  clientPackage: async () => ({
    directory: '/client',
    manifest: { version: 1, artifacts: [{ file: 'a', bytes: 1, sha256: '' }] } as unknown as ClientManifest,
  }),
  fileSize: async () => 1,
  filesIn: async () => new Map([['vmlinuz', 1]]),
}

interface Look {
  readonly facts?: Partial<Facts>
  readonly yaml?: string
  readonly options?: Record<string, unknown>
  readonly terminal?: boolean
}

async function look({ facts = {}, yaml = 'version: 1\n', options = {}, terminal = false }: Look) {
  await using environment = await temporaryEnvironment({ 'Boottorrent.yaml': yaml, ...linux('a') })
  const io = fakeIo({ cwd: environment.directory, terminal })
  const code = await doctor('.', options, io, { ...well, ...facts })
  return { code, output: io.output() }
}

const held: Partial<Facts> = {
  tryPort: async ({ check }) =>
    check === 'tftp-port'
      ? new BoottorrentError('PORT_IN_USE', 'dnsmasq (process 7) already uses it.', { hint: 'Stop dnsmasq.' })
      : undefined,
}

test('a table with a mark for each check, the remedy below, and a summary', async () => {
  const { code, output } = await look({ facts: { ...held, availableMemory: () => 1e6 } })
  const lines = output.split('\n')
  expect(lines[0]).toBe('✓ environment   The environment is right: 1 system')
  expect(output).toContain('\n✗ tftp-port     dnsmasq (process 7) already uses it\n                Stop dnsmasq.\n')
  expect(output).toContain('\n! memory        1.0 MB of memory are free')
  expect(lines.at(-2)).toBe('1 failure, 1 warning.')
  expect(code).toBe(3)
})

test('when nothing is wrong it says so, and exits with 0', async () => {
  const { code, output } = await look({})
  expect(output).toMatch(/\nReady to start\.\n$/)
  expect(output).not.toMatch(/[✗!] /)
  expect(code).toBe(0)
})

test('--json prints one object; a check with nothing to do has no hint', async () => {
  const { output } = await look({ facts: held, options: { json: true } })
  const { ok, checks } = JSON.parse(output)
  expect(ok).toBe(false)
  expect(checks[0]).toEqual({
    name: 'environment',
    state: 'ok',
    message: 'The environment is right: 1 system',
    hint: null,
  })
  expect(checks).toContainEqual({
    name: 'tftp-port',
    state: 'failure',
    message: 'dnsmasq (process 7) already uses it',
    hint: 'Stop dnsmasq.',
  })
})

test('the marks are coloured for a terminal alone', async () => {
  expect((await look({ terminal: true })).output).toContain('\u001b[32m✓\u001b[0m environment')
  expect((await look({})).output).not.toContain('\u001b')
})

test('the exit code is that of the first failure, as start would meet it', async () => {
  const conflict = { dhcpServers: async () => [{ server: '192.0.2.9', offered: '192.0.2.77', boots: false }] }
  const dhcp = { options: { mode: 'dhcp' } }
  expect((await look({ ...dhcp, facts: conflict })).code).toBe(4)
  expect((await look({ ...dhcp, facts: { ...conflict, ...held } })).code).toBe(3)
  expect((await look({ ...dhcp, facts: { ...conflict, fileSize: async () => 0 } })).code).toBe(1)
  expect((await look({ facts: held, yaml: 'version: 1\nnonsense: 1\n' })).code).toBe(2)
})

test('flags and variables are settings as for start', async () => {
  const { output } = await look({ options: { tftpPort: '1069' } })
  expect(output).toContain('✓ tftp-port     UDP 1069: free')
})

test('without a right environment, what does not depend on it is looked at', async () => {
  const { output } = await look({ yaml: 'version: 1\nnonsense: 1\n', options: { json: true } })
  const names = JSON.parse(output).checks.map(({ name }: { name: string }) => name)
  expect(names).toEqual(['environment', 'client', 'memory'])
})

test('a check that stumbles does not hide the others', async () => {
  const stumbling = {
    freeSpace: async () => {
      throw new Error('statfs is not there')
    },
  }
  const { code, output } = await look({ facts: stumbling })
  expect(output).toContain('✗ disk          This could not be looked at: statfs is not there')
  expect(output).toContain('✓ images')
  expect(code).toBe(1)
})

test('what a program calls itself does not reach the terminal as it is', async () => {
  const odd = { tryPort: async () => new BoottorrentError('PORT_IN_USE', '\u001b[2Jevil already uses it.') }
  expect((await look({ facts: odd })).output).toContain('?[2Jevil already uses it')
})
