import { expect, test } from 'vitest'
import { checkDhcpServers } from '../../../src/doctor/dhcp-servers.ts'
import { BoottorrentError, type ErrorCode } from '../../../src/errors.ts'
import { configurationOf, served } from './configuration.ts'

async function check(mode: string, answer: readonly string[] | ErrorCode) {
  const configuration = await configurationOf(`network: { mode: "${mode}" }\n`)
  const [result] = await checkDhcpServers(configuration, served, {
    dhcpServers: async () => {
      if (typeof answer === 'string') throw new BoottorrentError(answer, 'it did not work', { hint: 'mend it' })
      return answer.map((server) => ({ server, offered: '192.0.2.77', boots: false }))
    },
  })
  return result
}

test('a foreign server is a conflict with mode dhcp alone', async () => {
  const other = ['192.0.2.254']
  expect(await check('dhcp', other)).toMatchObject({ state: 'failure', code: 'NETWORK_CONFLICT' })
  expect(await check('auto', other)).toMatchObject({
    state: 'ok',
    message: '192.0.2.254 gives addresses on eth1: boottorrent gives boot files only',
  })
  expect(await check('proxy', other)).toMatchObject({ state: 'ok' })
})

test('our own server is nobody else', async () => {
  expect(await check('dhcp', ['192.0.2.1'])).toMatchObject({ state: 'ok' })
})

test('mode proxy needs somebody who gives addresses', async () => {
  expect(await check('proxy', [])).toMatchObject({ state: 'warning', hint: expect.stringMatching(/auto or dhcp/) })
  expect(await check('auto', [])).toMatchObject({ state: 'ok' })
})

test('mode off asks nobody', async () => {
  expect(await check('off', 'INTERNAL')).toMatchObject({ state: 'ok' })
})

test('without the right to ask, it is said that nobody was asked', async () => {
  expect(await check('auto', 'PERMISSION')).toMatchObject({ state: 'warning', hint: expect.stringMatching(/sudo/) })
})

test('a client that keeps the port to itself ends mode auto, as it does when it starts, and no other', async () => {
  expect(await check('auto', 'PORT_IN_USE')).toMatchObject({ state: 'failure', code: 'PORT_IN_USE', hint: 'mend it' })
  expect(await check('dhcp', 'PORT_IN_USE')).toMatchObject({ state: 'warning', hint: 'mend it' })
})
