import { beforeEach, describe, expect, test } from 'vitest'
import type { Interfaces } from '../../src/environment/index.ts'
import { type InterfaceChange, InterfaceWatch, sentenceOf } from '../../src/interface-watch.ts'

const ETH1 = { name: 'eth1', address: '172.31.0.1', netmask: '255.255.255.0' }

function ipv4(address: string, more: { netmask?: string; unplugged?: boolean } = {}) {
  return { family: 'IPv4', address, netmask: '255.255.255.0', internal: false, ...more } as const
}

let now: Interfaces
let changes: InterfaceChange[]
let watch: InterfaceWatch

function watchFor(hostIps: string[] = []): void {
  now = { eth1: [ipv4('172.31.0.1')] }
  changes = []
  const list = async () => now
  watch = new InterfaceWatch({
    interfaces: [ETH1],
    hostIps,
    list,
    interval: 1000,
    onChange: (one) => changes.push(one),
  })
}

/** What is told when the interfaces are like this for so many looks. */
async function toldOf(interfaces: Interfaces, looks = 2): Promise<string[]> {
  now = interfaces
  changes = []
  for (let count = 0; count < looks; count++) await watch.look()
  return changes.map((change) => (change.kind === 'moved' ? `moved to ${change.to.address}` : change.kind))
}

beforeEach(() => watchFor())

describe('an interface that is served', () => {
  test('is no news as long as it stays', async () => {
    expect(await toldOf({ eth1: [ipv4('172.31.0.1')], eth2: [ipv4('10.0.0.1')] }, 5)).toEqual([])
  })

  test('is lost once, and returns', async () => {
    expect(await toldOf({ eth1: [] }, 5)).toEqual(['lost'])
    expect(await toldOf({ eth1: [ipv4('172.31.0.1')] }, 5)).toEqual(['returned'])
  })

  test('that loses its address for a moment is no news', async () => {
    expect(await toldOf({ eth1: [] }, 1)).toEqual([])
    expect(await toldOf({ eth1: [ipv4('172.31.0.1')] }, 3)).toEqual([])
  })

  test('moves to another address, and is followed from there', async () => {
    expect(await toldOf({ eth1: [ipv4('10.5.0.9')] }, 4)).toEqual(['moved to 10.5.0.9'])
    expect(changes).toMatchObject([{ served: ETH1, to: { name: 'eth1', address: '10.5.0.9' } }])
    expect(await toldOf({ eth1: [ipv4('172.31.0.1')] }, 4)).toEqual(['moved to 172.31.0.1'])
  })

  test('moves after it was lost', async () => {
    await toldOf({})
    expect(await toldOf({ eth1: [ipv4('10.5.0.9')] })).toEqual(['moved to 10.5.0.9'])
  })

  test('stays at its address when it gets a second one', async () => {
    expect(await toldOf({ eth1: [ipv4('10.5.0.9'), ipv4('172.31.0.1')] })).toEqual([])
  })

  test('moves when its network becomes another one around the same address', async () => {
    expect(await toldOf({ eth1: [ipv4('172.31.0.1', { netmask: '255.255.0.0' })] })).toEqual(['moved to 172.31.0.1'])
  })

  test('goes back to the address that the user wants as soon as that is there', async () => {
    watchFor(['172.31.0.1'])
    expect(await toldOf({ eth1: [ipv4('10.5.0.9')] })).toEqual(['moved to 10.5.0.9'])
    expect(await toldOf({ eth1: [ipv4('10.5.0.9'), ipv4('172.31.0.1')] })).toEqual(['moved to 172.31.0.1'])
  })

  test('whose cable is pulled keeps its address; this is told, and its return', async () => {
    await toldOf({ eth1: [ipv4('172.31.0.1')] }, 1)
    expect(await toldOf({ eth1: [ipv4('172.31.0.1', { unplugged: true })] })).toEqual(['unplugged'])
    expect(await toldOf({ eth1: [ipv4('172.31.0.1')] })).toEqual(['returned'])
  })

  test('that was not connected when it began is told only when it is', async () => {
    expect(await toldOf({ eth1: [ipv4('172.31.0.1', { unplugged: true })] }, 4)).toEqual([])
    expect(await toldOf({ eth1: [ipv4('172.31.0.1')] })).toEqual(['returned'])
  })

  test('with an address that it made up itself is lost', async () => {
    expect(await toldOf({ eth1: [ipv4('169.254.7.7')] })).toEqual(['lost'])
  })

  test('is no worse off when the system cannot be asked', async () => {
    now = {}
    const broken = new InterfaceWatch({
      interfaces: [ETH1],
      hostIps: [],
      list: () => Promise.reject(new Error('no')),
      interval: 1000,
      onChange: (one) => changes.push(one),
    })
    await broken.look()
    await broken.look()
    expect(changes).toEqual([])
  })
})

test.each([
  [{ kind: 'lost', exists: true }, /ip link set eth1 up; ip address add 172\.31\.0\.1\/24 dev eth1/],
  [{ kind: 'lost', exists: false }, /Plug the adapter in again/],
  [{ kind: 'unplugged' }, /plug the cable in/],
  [{ kind: 'moved', to: { ...ETH1, address: '10.5.0.9' } }, /10\.5\.0\.9 instead of 172\.31\.0\.1/],
  [{ kind: 'returned' }, /is connected/],
] as const)('a change is told in one line with what to do: %o', (change, sentence) => {
  expect(sentenceOf({ served: ETH1, ...change })).toMatch(sentence)
})
