/** How long pieces should be: the same lessons with the length that the seeder chooses, and with others. */
import { choosePieceLength } from '../src/seeder/metainfo.ts'
import { type CaseGoal, type Competitor, compete, type Measurement, type Suite } from './harness.ts'
import { type Lesson, teach } from './lesson.ts'
import { aria2, ourHostWith } from './participants.ts'

const KIBIBYTE = 1024
const MEBIBYTE = 1024 * KIBIBYTE

const lessons: Readonly<Record<string, Lesson>> = {
  '8 clients, 64 MiB, host 50 Mbit/s, clients 200 Mbit/s': { clients: 8, bytes: 64 * MEBIBYTE, host: 50, client: 200 },
  '8 clients, 256 MiB, all 200 Mbit/s': { clients: 8, bytes: 256 * MEBIBYTE, host: 200, client: 200 },
  '1 client, 256 MiB, all 200 Mbit/s': { clients: 1, bytes: 256 * MEBIBYTE, host: 200, client: 200 },
}
const lengths: Readonly<Record<string, number>> = {
  '64 KiB': 64 * KIBIBYTE,
  '256 KiB': 256 * KIBIBYTE,
  '1 MiB': MEBIBYTE,
  '4 MiB': 4 * MEBIBYTE,
}
/** The chosen length may be so far behind the best one. */
const RATIO = 0.95

const goals = Object.keys(lessons).map((name): CaseGoal => {
  return { case: name, unit: 's', better: 'lower', goal: RATIO, peers: Object.keys(lengths) }
})

const chosen: Competitor = { name: 'chosen', measure: () => measure(choosePieceLength) }

export const suite: Suite = async (options) => {
  const others = Object.entries(lengths).map(([name, length]): Competitor => {
    return { name, measure: () => measure(() => length) }
  })
  return {
    rows: await compete(chosen, others, goals, options),
    notes: Object.entries(lessons).map(([name, { bytes }]) => {
      return `Chosen for ${name}: ${choosePieceLength(bytes) / KIBIBYTE} KiB.`
    }),
  }
}

async function measure(lengthFor: (bytes: number) => number): Promise<Measurement> {
  const measured: Record<string, number> = {}
  for (const [name, lesson] of Object.entries(lessons)) {
    measured[name] = (await teach(lesson, ourHostWith(lengthFor(lesson.bytes)), aria2)).seconds
  }
  return measured
}
