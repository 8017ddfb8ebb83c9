/** A room full of machines that want one image: aria2 clients, our seeder and tracker, links of a given speed. */
import { type Competitor, compete, type Suite } from './harness.ts'
import { floorOf, type Lesson, teach } from './lesson.ts'
import { aria2, curl, nginxHost, ourHost } from './participants.ts'

const MEBIBYTE = 1024 * 1024
const CASES = {
  slowTime: '8 clients, 64 MiB, host 50 Mbit/s, clients 200 Mbit/s: time ÷ floor',
  slowBytes: '8 clients, 64 MiB, host 50 Mbit/s, clients 200 Mbit/s: bytes of the host ÷ image',
  flat: '256 MiB, all 200 Mbit/s: time of 8 clients ÷ time of 1',
  equalBytes: '8 clients, 256 MiB, all 200 Mbit/s: bytes of the host ÷ image',
  staggeredBytes: '8 clients 2 s apart, 256 MiB, all 200 Mbit/s: bytes of the host ÷ image',
  two: '2 clients, 256 MiB, all 200 Mbit/s: seconds',
} as const

const goals = [
  { case: CASES.slowTime, unit: '×', better: 'lower', goal: 1.25, peers: [] },
  { case: CASES.slowBytes, unit: '×', better: 'lower', goal: 1.08, peers: [] },
  { case: CASES.flat, unit: '×', better: 'lower', goal: 1.25, peers: [] },
  { case: CASES.equalBytes, unit: '×', better: 'lower', goal: 1.15, peers: [] },
  { case: CASES.staggeredBytes, unit: '×', better: 'lower', goal: 1.5, peers: [] },
  { case: CASES.two, unit: 's', better: 'lower', goal: 1, peers: ['nginx'] },
] as const

export const suite: Suite = async (options) => {
  const rows = await compete(ours, [nginx], goals, options)
  return { rows, notes: ['The floor is max(F/u_host, F/d_min, N·F/(u_host + Σu)). Images and downloads lie in RAM.'] }
}

const slow: Lesson = { clients: 8, bytes: 64 * MEBIBYTE, host: 50, client: 200 }
const equal: Lesson = { clients: 8, bytes: 256 * MEBIBYTE, host: 200, client: 200 }

const ours: Competitor = {
  name: 'boottorrent',
  async measure() {
    const weak = await teach(slow, ourHost, aria2)
    const eight = await teach(equal, ourHost, aria2)
    const one = await teach({ ...equal, clients: 1 }, ourHost, aria2)
    const two = await teach({ ...equal, clients: 2 }, ourHost, aria2)
    const staggered = await teach({ ...equal, secondsApart: 2 }, ourHost, aria2)
    return {
      [CASES.slowTime]: weak.seconds / floorOf(slow),
      [CASES.slowBytes]: weak.sent / slow.bytes,
      [CASES.flat]: eight.seconds / one.seconds,
      [CASES.equalBytes]: eight.sent / equal.bytes,
      [CASES.staggeredBytes]: staggered.sent / equal.bytes,
      [CASES.two]: two.seconds,
    }
  },
}

const nginx: Competitor = {
  name: 'nginx',
  async measure() {
    return { [CASES.two]: (await teach({ ...equal, clients: 2 }, nginxHost, curl)).seconds }
  },
}
