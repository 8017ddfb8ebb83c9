import { beforeEach, describe, expect, test } from 'vitest'
import { formatAddress } from '../../../src/dhcp/address.ts'
import { AddressBook } from '../../../src/dhcp/leases.ts'
import { makeSubnets, type Pool } from '../../../src/dhcp/subnet.ts'
import { addressNumber, LAN, macNumber, POOL } from './build.ts'

let now = 0
let book: AddressBook

const FIRST = addressNumber(POOL.first)
const SECONDS = 1_000

function makeBook(pool: Pool = POOL, inUse: string[] = []): AddressBook {
  const [subnet] = makeSubnets({
    interfaces: [LAN],
    pools: [pool],
    routers: [],
    dns: [],
    ntp: [],
    domain: undefined,
  })
  if (subnet === undefined) throw new Error('no subnet')
  return new AddressBook(subnet, { inUse: new Set(inUse.map(addressNumber)), reserved: new Set() }, () => now)
}

function commit(mac: string, address: number, seconds = 3600): void {
  book.commit({ address, mac, hostname: undefined, expires: now + seconds * SECONDS })
}

beforeEach(() => {
  now = 1_000_000
  book = makeBook()
})

describe('an offer', () => {
  test('is the same when the machine asks again', () => {
    expect(book.offer('a', {})).toBe(book.offer('a', {}))
  })

  test('is another one for every machine', () => {
    expect(new Set(['a', 'b', 'c', 'd'].map((mac) => book.offer(mac, {}))).size).toBe(4)
  })

  test('is what the machine wishes, if that is free', () => {
    expect(book.offer('a', { requested: FIRST + 2 })).toBe(FIRST + 2)
    expect(book.offer('b', { requested: FIRST + 2 })).not.toBe(FIRST + 2)
    expect(formatAddress(book.offer('c', { requested: addressNumber('10.0.0.1') }) ?? 0)).toMatch(/^172\.30\.0\./)
  })

  test('is the reserved address, in or out of the pool', () => {
    expect(book.offer('a', { fixed: addressNumber('172.30.0.7') })).toBe(addressNumber('172.30.0.7'))
  })

  test('ends after thirty seconds', () => {
    const address = book.offer('a', {})
    now += 30 * SECONDS
    expect(book.offerOf('a')).toBeUndefined()
    expect(book.offer('b', { requested: address })).toBe(address)
  })

  test('is found again when all records are lost', () => {
    const addresses = ['a', 'b'].map((mac) => book.offer(mac, {}))
    book = makeBook()
    expect(['a', 'b'].map((mac) => book.offer(mac, {}))).toEqual(addresses)
  })

  test('never is an excluded address, nor our own', () => {
    const pool = { first: '172.30.0.1', last: '172.30.0.3', leaseSeconds: 60 }
    book = makeBook(pool, ['172.30.0.1', '172.30.0.3'])
    expect(book.offer('a', {})).toBe(addressNumber('172.30.0.2'))
    expect(book.offer('b', {})).toBeUndefined()
  })
})

describe('a full pool', () => {
  test('has nothing while all addresses are leased, and recovers when one expires', () => {
    for (let index = 0; index < 4; index++) commit(macNumber(index), FIRST + index, index === 2 ? 10 : 3600)
    expect(book.offer('late', {})).toBeUndefined()
    now += 11 * SECONDS
    expect(book.offer('late', {})).toBe(FIRST + 2)
  })

  test('recovers at once when an address is given back', () => {
    for (let index = 0; index < 4; index++) commit(macNumber(index), FIRST + index)
    expect(book.offer('late', {})).toBeUndefined()
    book.release(macNumber(1), FIRST + 1)
    expect(book.offer('late', {})).toBe(FIRST + 1)
  })

  test('takes back offers that were not taken up, the oldest first, after two seconds', () => {
    const offered = ['a', 'b', 'c', 'd'].map((mac) => book.offer(mac, {}))
    expect(book.offer('late', {})).toBeUndefined()
    now += 2 * SECONDS
    expect(book.offer('late', {})).toBe(offered[0])
  })

  test('lets a machine have what it was offered, even if the offer was taken back', () => {
    const offered = ['a', 'b', 'c', 'd'].map((mac) => book.offer(mac, {})) as number[]
    now += 2 * SECONDS
    book.offer('late', {})
    expect(book.isOpen(offered[0] as number, 'a')).toBe(true)
  })
})

describe('a lease', () => {
  test('is remembered after it expired, and given again', () => {
    commit('a', FIRST + 3, 10)
    now += 11 * SECONDS
    expect(book.leaseOf('a')).toBeUndefined()
    expect(book.offer('a', {})).toBe(FIRST + 3)
  })

  test('that expired gives way only when no fresh address is left', () => {
    commit('old', FIRST, 10)
    now += 11 * SECONDS
    const offered = ['a', 'b', 'c'].map((mac) => book.offer(mac, {}))
    expect(offered).not.toContain(FIRST)
    expect(book.offer('d', {})).toBe(FIRST)
  })

  test('that never ends, never ends', () => {
    commit('a', FIRST, Number.POSITIVE_INFINITY)
    now += 1e15
    expect(book.leaseOf('a')?.address).toBe(FIRST)
  })

  test('moves with the machine: the address it had before is free', () => {
    commit('a', FIRST)
    commit('a', FIRST + 1)
    expect(book.isOpen(FIRST, 'b')).toBe(true)
    expect(book.leaseOf('a')?.address).toBe(FIRST + 1)
  })

  test('is given back only by its holder', () => {
    commit('a', FIRST)
    expect(book.release('b', FIRST)).toBeUndefined()
    expect(book.release('a', FIRST + 1)).toBeUndefined()
    expect(book.release('a', FIRST)?.expires).toBe(0)
  })
})

describe('a declined address', () => {
  test('is given to nobody for ten minutes', () => {
    commit('a', FIRST)
    expect(book.decline('a', FIRST)).toBeDefined()
    expect(book.offer('a', { requested: FIRST })).not.toBe(FIRST)
    now += 10 * 60 * SECONDS
    expect(book.offer('b', { requested: FIRST })).toBe(FIRST)
  })

  test('must have been given to the machine that declines it', () => {
    commit('a', FIRST)
    expect(book.decline('b', FIRST)).toBeUndefined()
    expect(book.decline('b', FIRST + 1)).toBeUndefined()
    expect(book.leaseOf('a')).toBeDefined()
  })

  test('that was only offered leaves the lease that the machine has elsewhere', () => {
    commit('a', FIRST)
    expect(book.offer('a', { fixed: FIRST + 1 })).toBe(FIRST + 1)
    expect(book.decline('a', FIRST + 1)).toEqual({ record: undefined })
    expect(book.leaseOf('a')?.address).toBe(FIRST)
  })

  test('that another machine had once is no longer remembered for it', () => {
    commit('a', FIRST, 10)
    now += 11 * SECONDS
    expect(book.offer('b', { fixed: FIRST })).toBe(FIRST)
    book.decline('b', FIRST)
    now += 10 * 60 * SECONDS
    commit('b', FIRST)
    commit('a', FIRST + 1)
    expect(book.leaseOf('b')?.address).toBe(FIRST)
  })
})

test('a machine that lost its expired lease to another one keeps the next lease it gets', () => {
  commit('a', FIRST, 10)
  book.offer('a', { fixed: FIRST + 1 })
  book.decline('a', FIRST + 1)
  now += 11 * SECONDS
  commit('a', FIRST + 2)
  commit('b', FIRST)
  expect(book.leaseOf('a')?.address).toBe(FIRST + 2)
})

test('a flood of machines costs no more memory than the pool has addresses', () => {
  book = makeBook({ first: '172.30.0.10', last: '172.30.0.250', leaseSeconds: 60 })
  let offered = 0
  for (let index = 0; index < 50_000; index++) {
    now += 1
    if (book.offer(macNumber(index), {}) !== undefined) offered += 1
  }
  expect(book.openOffers).toBeLessThanOrEqual(241)
  expect(offered).toBeGreaterThan(241)
})
