import { expect, test } from 'vitest'
import { Link } from '../../../src/demo/link.ts'
import { Network } from '../../../src/demo/network.ts'

test('a link carries one thing after the other at its speed', () => {
  const link = new Link(8_000_000, () => 1000)
  const first = link.carry(1000)
  expect(link.carry(500)).toBeCloseTo(first + 0.5)
  expect(link.carry(1000)).toBeCloseTo(first + 1.5)
})

test('what a late timer lost is made up for, a longer rest is not', () => {
  let now = 0
  const link = new Link(8_000_000, () => now)
  now = 1000
  // A megabyte takes a second: had the rest counted, it would be there at once.
  expect(link.carry(1_000_000)).toBeCloseTo(1975)
  now = 1980
  expect(link.carry(1000), 'the 5 ms that it came late').toBeCloseTo(1976)
})

test('the slower of two cables decides, and two who share one have half of it each', async () => {
  let now = 0
  using network = new Network('10.0.0.1', { host: 8_000_000, machine: 80_000_000 }, () => now)
  const arrived: string[] = []
  const paths = ['10.0.0.2', '10.0.0.3'].map((machine) => {
    const path = network.path('10.0.0.1', machine)
    path.on('data', () => arrived.push(`${machine} at ${Math.round(performance.now() - began)}`))
    return path
  })
  const began = performance.now()
  const clock = setInterval(() => {
    now = performance.now() - began
  }, 1)
  await Promise.all(
    paths.map(
      (path) =>
        new Promise<void>((resolve) => {
          path.on('end', resolve)
          path.end(Buffer.alloc(100_000))
        }),
    ),
  )
  clearInterval(clock)
  expect(arrived).toHaveLength(2)
  // 200 kB at 1 MB/s, less what the cable makes up for.
  expect(performance.now() - began).toBeGreaterThan(170)
})
