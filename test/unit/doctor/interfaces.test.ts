import { expect, test } from 'vitest'
import { checkInterfaces, type InterfaceFacts } from '../../../src/doctor/interfaces.ts'
import { configurationOf, served } from './configuration.ts'

const address = { family: 'IPv4', address: '192.0.2.1', netmask: '255.255.255.0', internal: false } as const

function facts(state: Awaited<ReturnType<InterfaceFacts['linkState']>>): InterfaceFacts {
  return { interfaces: async () => ({ eth1: [address], eth2: [] }), linkState: async () => state }
}

test('an interface with an address and a link is served', async () => {
  const { results, served: found } = await checkInterfaces(await configurationOf(), facts('up'))
  expect(results).toEqual([{ name: 'interface', state: 'ok', message: 'eth1 has the address 192.0.2.1/255.255.255.0' }])
  expect(found).toEqual(served)
})

test('one that is switched off is told as such, not as one without an address', async () => {
  const configuration = await configurationOf('network: { interface: eth2 }\n')
  const { results, served: found } = await checkInterfaces(configuration, facts('off'))
  expect(results).toMatchObject([{ state: 'failure', code: 'INTERFACE', hint: 'Switch it on: ip link set eth2 up' }])
  expect(found).toEqual([])
})

test('one without an address, on a system that does not tell of links, is a failure with the remedy', async () => {
  const configuration = await configurationOf('network: { interface: eth2 }\n')
  const { results } = await checkInterfaces(configuration, facts(undefined))
  expect(results).toMatchObject([
    { state: 'failure', code: 'INTERFACE', hint: expect.stringMatching(/ip address add/) },
  ])
})

test('a cable with nobody at the other end is a warning', async () => {
  const { results, served: found } = await checkInterfaces(await configurationOf(), facts('unplugged'))
  expect(results).toMatchObject([{ state: 'warning' }])
  expect(found).toEqual(served)
})

test('a range of another network is a failure of the configuration', async () => {
  const configuration = await configurationOf('network: { range: 10.1.2.3-10.1.2.9 }\n')
  const { results } = await checkInterfaces(configuration, facts('up'))
  expect(results[1]).toMatchObject({ name: 'addresses', state: 'failure', code: 'CONFIGURATION' })
})
