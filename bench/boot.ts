/** The whole way: from power-on to the downloaded system, 16 MB of it, for each firmware and loader. */
import { type CaseGoal, type Competitor, compete, type Suite } from './harness.ts'
import { measureWithoutLoader, roads, secondsUntil, withoutLoader } from './room.ts'

/** What firmware, loader and transfer may add: the whole boot in twice the time that it takes without them. */
const RATIO = 0.5

const goals = roads.map(({ name }): CaseGoal => {
  return { case: name, unit: 's', better: 'lower', goal: RATIO, peers: [withoutLoader] }
})

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
  const direct: Competitor = { name: withoutLoader, measure: () => measureWithoutLoader('system') }
  return { rows: await compete(ours, [direct], goals, options) }
}
