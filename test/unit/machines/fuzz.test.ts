/** Whatever comes in whatever order: the table stays bounded and true to itself, and what is shown of it is clean. */
import { describe, expect, test } from 'vitest'
import { parseReport } from '../../../src/http/report.ts'
import { createMachines, steps } from '../../../src/machines/index.ts'
import { createStatusBoard } from '../../../src/status/index.ts'
import { mutate, seededRandom } from '../dhcp/mutate.ts'
import { fuzzSettings, tellingCase } from '../fuzz-settings.ts'

const { cases: CASES, seeds: SEEDS } = fuzzSettings({ cases: 3_000, seeds: [1, 2018, 0xc0ffee] })

const peers = [{ address: '192.0.2.7', down: 100, up: 50, progress: 40 }]
const progress = { done: 10, total: 20, down: 5, up: 1, fromServer: 4, fromPeers: 6, pieces: 'f'.repeat(16), peers }
const reports = ['phase1', 'menu', 'progress', 'seeding', 'failed'].map((step) => {
  return Buffer.from(JSON.stringify({ mac: '52:54:00:12:34:56', step, detail: 'debian 50%', progress }))
})

describe.each(SEEDS)('seed %i', (seed) => {
  test('a damaged report is refused with a sentence, or read as a clean one', () => {
    const random = seededRandom(seed)
    for (let index = 0; index < CASES; index++) {
      const bytes = mutate(reports, random)
      tellingCase(bytes, () => {
        const report = parseReport(Buffer.from(bytes).toString('utf8'))
        if (typeof report === 'string') return expect(report).toMatch(/\.$/)
        expect(report.detail).not.toMatch(/\p{C}/u)
        const numbers = report.progress
        if (numbers === undefined) return
        expect(numbers.done).toBeLessThanOrEqual(numbers.total)
        for (const value of Object.values(numbers))
          if (typeof value === 'number') expect(value).toBeGreaterThanOrEqual(0)
      })
    }
  })

  test('the table keeps its bounds, one machine for each address, and a status that can be sent', () => {
    const random = seededRandom(seed + 1)
    const below = (limit: number) => Math.floor(random() * limit)
    let now = 1_000_000
    const machines = createMachines({ now: () => now, limit: 20, strangerLimit: 10 })
    const server = { program: '1', interface: 'eth0', address: '192.0.2.1' }
    const board = createStatusBoard({ machines, server, now: () => now })
    const mac = () => `52:54:00:00:00:${(10 + below(60)).toString()}`
    const address = () => `192.0.2.${below(40)}`
    const source = () => (random() < 0.5 ? 'host' : 'client')
    const text = () => String.fromCodePoint(...Array.from({ length: below(400) }, () => below(0x2000)))
    const acts = [
      () =>
        machines.observe(
          mac(),
          steps[below(steps.length)] ?? 'menu',
          text(),
          source(),
          random() < 0.5 ? progress : undefined,
        ),
      () => machines.discover(mac(), text(), { netboot: random() < 0.7, ipxe: random() < 0.5 }),
      () => machines.describe(mac(), { name: text(), firmware: 'bios' }, source()),
      () => machines.bind(mac(), address(), source()),
      () => machines.send(address(), below(1000)),
      () => board.tick(),
    ]
    for (let index = 0; index < CASES; index++) {
      now += below(10) === 0 ? below(200_000) : below(500)
      acts[below(acts.length)]?.()
      if (index % 100 !== 0) continue
      const list = machines.list()
      expect(list.length).toBeLessThanOrEqual(30)
      const owners = list.flatMap((one) =>
        one.address && machines.macOf(one.address) === one.mac ? [one.address] : [],
      )
      expect(new Set(owners).size).toBe(owners.length)
      expect(JSON.stringify(board.snapshot())).not.toMatch(/\p{C}/u)
    }
  })
})
