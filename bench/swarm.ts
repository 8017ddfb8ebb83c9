/** A room full of machines that want one image: aria2 clients, our seeder and tracker, links of a given speed. */
import { type CaseGoal, type Competitor, compete, type Measurement, type Suite } from './harness.ts'
import { floorOf, type Lesson, type Outcome, teach } from './lesson.ts'
import { aria2, curl, nginxHost, ourHost } from './participants.ts'

const MEBIBYTE = 1024 * 1024

const slow: Lesson = { clients: 8, bytes: 64 * MEBIBYTE, host: 50, client: 200 }
/** How many machines, for the curve of docs/images/swarm.svg. */
export const EQUAL_LESSONS: readonly Lesson[] = [1, 2, 4, 8, 16].map((clients) => {
  return { clients, bytes: 256 * MEBIBYTE, host: 200, client: 200 }
})
const staggered: Lesson = { clients: 8, bytes: 256 * MEBIBYTE, host: 200, client: 200, secondsApart: 2 }
/** From one host, sixteen machines take three minutes, and twice as long as eight. */
const MOST_BY_HTTP = 8

/** The name of a case of the curve. */
export function secondsCase(clients: number): string {
  return `${clients} client${clients === 1 ? '' : 's'}, 256 MiB, all 200 Mbit/s: time`
}

const CASES = {
  slowTime: '8 clients, 64 MiB, host 50 Mbit/s, clients 200 Mbit/s: time ÷ floor',
  slowBytes: '8 clients, 64 MiB, host 50 Mbit/s, clients 200 Mbit/s: bytes of the host ÷ image',
  flat8: '256 MiB, all 200 Mbit/s: time of 8 clients ÷ time of 1',
  flat16: '256 MiB, all 200 Mbit/s: time of 16 clients ÷ time of 1',
  equalBytes: '8 clients, 256 MiB, all 200 Mbit/s: bytes of the host ÷ image',
  staggeredBytes: '8 clients 2 s apart, 256 MiB, all 200 Mbit/s: bytes of the host ÷ image',
} as const

const goals: CaseGoal[] = [
  { case: CASES.slowTime, unit: '×', better: 'lower', goal: 1.25, peers: [] },
  { case: CASES.slowBytes, unit: '×', better: 'lower', goal: 1.08, peers: [] },
  { case: CASES.flat8, unit: '×', better: 'lower', goal: 1.25, peers: [] },
  { case: CASES.flat16, unit: '×', better: 'lower', goal: 1.4, peers: [] },
  { case: CASES.equalBytes, unit: '×', better: 'lower', goal: 1.15, peers: [] },
  { case: CASES.staggeredBytes, unit: '×', better: 'lower', goal: 1.5, peers: [] },
  ...EQUAL_LESSONS.map((lesson): CaseGoal => {
    const { clients } = lesson
    const common = { case: secondsCase(clients), unit: 's', better: 'lower' } as const
    if (clients > MOST_BY_HTTP) return { ...common, goal: floorOf(lesson) * 1.5, peers: [] }
    // One machine alone has nobody to share with; from two on sharing wins.
    return { ...common, goal: clients === 1 ? 0.85 : 1, peers: ['nginx'] }
  }),
]

export const suite: Suite = async (options) => {
  const rows = await compete(ours, [nginx], goals, options)
  return {
    rows,
    notes: [
      'The floor is max(F/u_host, F/d_min, N·F/(u_host + Σu)). Images and downloads lie in RAM.',
      'All clients run on this machine. When its processors are busy, they are the limit and not the links.',
    ],
  }
}

const ours: Competitor = {
  name: 'boottorrent',
  async measure() {
    const weak = await teach(slow, ourHost, aria2)
    const equal = new Map<number, Outcome>()
    for (const lesson of EQUAL_LESSONS) equal.set(lesson.clients, await teach(lesson, ourHost, aria2))
    const late = await teach(staggered, ourHost, aria2)
    const seconds = (clients: number) => equal.get(clients)?.seconds ?? Number.NaN
    return {
      [CASES.slowTime]: weak.seconds / floorOf(slow),
      [CASES.slowBytes]: weak.sent / slow.bytes,
      [CASES.flat8]: seconds(8) / seconds(1),
      [CASES.flat16]: seconds(16) / seconds(1),
      [CASES.equalBytes]: (equal.get(8)?.sent ?? Number.NaN) / staggered.bytes,
      [CASES.staggeredBytes]: late.sent / staggered.bytes,
      ...Object.fromEntries(EQUAL_LESSONS.map(({ clients }) => [secondsCase(clients), seconds(clients)])),
    }
  },
}

/** Central HTTP is bound by the host's link alone and hardly varies: it is measured in the first round. */
let byHttp: Measurement | undefined

const nginx: Competitor = {
  name: 'nginx',
  async measure() {
    byHttp ??= await measureHttp()
    return byHttp
  },
}

async function measureHttp(): Promise<Measurement> {
  const measured: Record<string, number> = {}
  for (const lesson of EQUAL_LESSONS.filter(({ clients }) => clients <= MOST_BY_HTTP)) {
    measured[secondsCase(lesson.clients)] = (await teach(lesson, nginxHost, curl)).seconds
  }
  return measured
}
