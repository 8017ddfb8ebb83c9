import { expect, test } from 'vitest'
import { Places } from '../../../src/tftp/places.ts'

const limits = { transfers: 4, transfersPerClient: 2 }
const from = (address: string, port = 1) => ({ address, port })
const request = Buffer.from('request')

function placesOf(...addresses: string[]): Places {
  const places = new Places(limits)
  for (const [index, address] of addresses.entries()) places.add(from(address, index), 'file', request)
  return places
}

test('as long as there is room nobody has to leave', () => {
  expect(placesOf('a', 'b', 'c').giveWay('a')).toBeUndefined()
})

test('a client with its share of transfers loses its own oldest, never that of another', () => {
  expect(placesOf('b', 'a', 'a').giveWay('a')).toMatchObject({ id: 2 })
})

test('when all places are taken the oldest of all leaves', () => {
  expect(placesOf('a', 'b', 'c', 'd').giveWay('e')).toMatchObject({ id: 1 })
})

test('who has answered stays, and who is told to leave already is not told twice', () => {
  const places = placesOf('a', 'b', 'c', 'd')
  const [first, second] = [places.get(1), places.get(2)]
  if (first) first.confirmed = true
  if (second) second.leaving = true
  places.add(from('f'), 'file', request)
  expect(places.giveWay('e')).toMatchObject({ id: 3 })
})

test('when everyone has answered there is no room: for a client with its share, or for anybody', () => {
  const places = placesOf('a', 'a')
  for (const id of [1, 2]) Object.assign(places.get(id) ?? {}, { confirmed: true })
  expect(places.giveWay('a')).toBe('over-limit')
  expect(places.giveWay('b')).toBeUndefined()
  for (const port of [3, 4]) Object.assign(places.add(from('c', port), 'file', request), { confirmed: true })
  expect(places.giveWay('b')).toBe('busy')
})

test('when few take all places the oldest of the one that has most leaves, also when it has answered', () => {
  const places = new Places({ transfers: 6, transfersPerClient: 4 })
  for (const [port, address] of ['a', 'b', 'c', 'b', 'b', 'c'].entries()) {
    Object.assign(places.add(from(address, port), 'file', request), { confirmed: true })
  }
  expect(places.giveWay('d')).toMatchObject({ id: 2 })
  // Who has as many itself, or hardly fewer, waits.
  expect(places.giveWay('a')).toBe('busy')
})

test('one that leaves makes room at once, but not without end', () => {
  const places = placesOf('a', 'a')
  for (const id of [1, 2]) Object.assign(places.get(id) ?? {}, { confirmed: true, leaving: true })
  expect(places.giveWay('a')).toBeUndefined()
  for (let port = 10; port < 16; port += 1)
    Object.assign(places.add(from('a', port), 'file', request), { leaving: true })
  expect(places.giveWay('a')).toBe('busy')
})

test('the newest of a client is told apart by its port, and an old one that leaves does not take it along', () => {
  const places = new Places(limits)
  const old = places.add(from('a', 7), 'one', request)
  const fresh = places.add(from('a', 7), 'two', request)
  places.add(from('a', 8), 'three', request)
  places.remove(old)
  expect(places.newestOf(from('a', 7))).toBe(fresh)
  places.remove(fresh)
  expect(places.newestOf(from('a', 7))).toBeUndefined()
  expect(places.size).toBe(1)
})
