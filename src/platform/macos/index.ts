/** Not tried yet on a Mac. Written from its manual pages: ifconfig(8), arp(8), lsof(8), ps(1). */
import process from 'node:process'
import { textNow, textOf } from '../ask.ts'
import { polledNeighbours } from '../find-neighbour.ts'
import type { Platform, Transport } from '../index.ts'
import { linux } from '../linux/index.ts'
import { readArp } from './arp.ts'
import { interfacesOf, readIfconfig } from './ifconfig.ts'
import { readLsof } from './lsof.ts'

export const macos: Platform = {
  otherInterfaces: async () => interfacesOf(readIfconfig(await textOf('ifconfig', '-a'))),
  linkState: async (name) => (await described(name))?.state,
  mtuOf: async (name) => (await described(name))?.mtu,
  createNeighbours: (now) => polledNeighbours(async () => readArp(await textOf('arp', '-an')), now),
  portHolder: (transport, address, port) => holders(transport, address, port)[0],
  // Without root lsof shows this user's programs alone: a port that nobody is seen to have may be taken all the same.
  isPortTaken: (transport, address, port) => (holders(transport, address, port).length > 0 ? true : undefined),
  isInBackground,
  signals: linux.signals,
}

async function described(name: string) {
  return readIfconfig(await textOf('ifconfig', name)).find((one) => one.name === name)
}

function holders(transport: Transport, address: string, port: number) {
  const state = transport === 'tcp' ? ['-sTCP:LISTEN'] : []
  return readLsof(textNow('lsof', '-nP', `-i${transport.toUpperCase()}:${port}`, ...state, '-Fpcn'), address, port)
}

/** The process group of this program, and the one that has the terminal. */
function isInBackground(): boolean {
  const [own, foreground] = textNow('ps', '-o', 'pgid=,tpgid=', '-p', String(process.pid)).trim().split(/\s+/)
  return foreground !== undefined && own !== foreground
}
