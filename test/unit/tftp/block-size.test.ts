import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { largestBlock } from '../../../src/tftp/block-size.ts'

test('a block fits one packet of the interface that has the address', async () => {
  const mtu = Number(readFileSync('/sys/class/net/lo/mtu', 'utf8'))
  expect(await largestBlock('127.0.0.1')).toBe(Math.min(65464, mtu - 20 - 8 - 4))
})

test.each([
  ['an address that no interface has', '192.0.2.1', 1468],
  ['all addresses', '0.0.0.0', 1468],
  ['all IPv6 addresses', '::', 1448],
])('for %s, Ethernet is assumed', async (_what, address, block) => {
  expect(await largestBlock(address)).toBe(block)
})
