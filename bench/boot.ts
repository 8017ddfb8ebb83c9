/** The whole way: from power-on to the downloaded system, 16 MB of it, for each firmware and loader. */
import { type CaseGoal, type Competitor, compete, type Suite } from './harness.ts'
import { roads, secondsUntil } from './room.ts'

/** Seconds, emulated in software on two cores. */
const SECONDS = 75

const goals = roads.map(({ name }): CaseGoal => ({ case: name, unit: 's', better: 'lower', goal: SECONDS, peers: [] }))

export const suite: Suite = async (options) => {
  const ours: Competitor = {
    name: 'boottorrent',
    async measure() {
      const measured: Record<string, number> = {}
      for (const road of roads) {
        measured[road.name] = await secondsUntil('system', road)
        options.note(`${road.name}: ${measured[road.name]?.toFixed(1)} s`)
      }
      return measured
    },
  }
  return { rows: await compete(ours, [], goals, options) }
}
