import { describe, expect, it } from 'vitest'
import type { LogEntry } from '../../src/log.ts'
import { limitedLog } from '../../src/log-limit.ts'

function setUp() {
  const entries: LogEntry[] = []
  const clock = { now: 0 }
  const log = limitedLog((entry) => entries.push(entry), { burst: 10, perSecond: 2, now: () => clock.now })
  const say = (event: string, times: number, level: LogEntry['level'] = 'info') => {
    for (let count = 0; count < times; count++) log({ level, event, message: String(count) })
  }
  return { entries, clock, say, count: (event: string) => entries.filter((entry) => entry.event === event).length }
}

describe('a limited log', () => {
  it('lets a burst through whole, and a flood only in part', () => {
    const { say, count } = setUp()
    say('machine', 10)
    expect(count('machine')).toBe(10)
    say('machine', 5000)
    expect(count('machine')).toBe(10)
  })

  it('does not let a flood of one kind hide another kind', () => {
    const { say, count } = setUp()
    say('machine', 5000)
    say('server.ready', 1)
    expect(count('server.ready')).toBe(1)
  })

  it('goes on at the steady rate while the flood lasts', () => {
    const { clock, say, count } = setUp()
    say('machine', 100)
    clock.now = 3000
    say('machine', 100)
    expect(count('machine')).toBe(10 + 3 * 2)
  })

  it('says once how many were left out, when the flood is over', () => {
    const { clock, entries, say } = setUp()
    say('machine', 110)
    clock.now = 60_000
    say('machine', 2)
    expect(entries.filter(({ event }) => event === 'log.flood')).toMatchObject([{ count: 100, of: 'machine' }])
  })

  it('never leaves an error out', () => {
    const { say, count } = setUp()
    say('server.failed', 50, 'error')
    expect(count('server.failed')).toBe(50)
  })
})
