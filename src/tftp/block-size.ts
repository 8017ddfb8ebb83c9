import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { platform } from '../platform/index.ts'
import { DATA_HEADER } from './packet.ts'

const ETHERNET_MTU = 1500
/** RFC 2348: the largest block there is. */
const LARGEST = 65464

/**
 * The largest block that leaves this address in one packet. Fragments are no good: much firmware cannot put them together,
 * and one lost piece loses the whole block. Where the system does not tell the interface's MTU, Ethernet's is assumed.
 */
export async function largestBlock(address: string): Promise<number> {
  const headers = (isIPv6(address) ? 40 : 20) + 8 + DATA_HEADER
  return Math.min(LARGEST, (await interfaceMtu(address)) - headers)
}

async function interfaceMtu(address: string): Promise<number> {
  const found = Object.entries(networkInterfaces()).find(([, own]) => own?.some((one) => one.address === address))
  if (found === undefined) return ETHERNET_MTU
  const mtu = await platform.mtuOf(found[0])
  return mtu !== undefined && mtu >= 576 ? mtu : ETHERNET_MTU
}
