/** What a second host is worth (`boottorrent seed`): a room whose hosts have weak links, with one and with two of them. */
import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Suite } from './harness.ts'
import { type Competitor, compete } from './harness.ts'
import { type Lesson, type StartClient, type StartHost, teach } from './lesson.ts'
import { aria2, ourHost } from './participants.ts'
import { addressOf, shapeOf } from './shaped-room.ts'

const MEBIBYTE = 1024 * 1024
const TRACKER_PORT = 10001
const CASE = '8 clients, 128 MiB, hosts 50 Mbit/s, clients 200 Mbit/s: time with one host ÷ time with two'

/** Twice as fast is what two links could do; the room's first seconds are the same with both. */
const goals = [{ case: CASE, unit: '×', better: 'higher', goal: 1.4, peers: [] }] as const

const lesson: Lesson = { clients: 8, bytes: 128 * MEBIBYTE, host: 50, client: 200 }
/** The machine behind the clients is the second host. */
const SECOND = lesson.clients + 1

export const suite: Suite = async (options) => {
  const rows = await compete(ours(options.note), [], goals, options)
  return { rows }
}

function ours(note: (line: string) => void): Competitor {
  return {
    name: 'boottorrent',
    async measure() {
      const one = await teach(lesson, ourHost, aria2)
      const two = await teach({ ...lesson, clients: SECOND }, twoHosts, aria2ButSecond)
      note(`seconds: ${one.seconds.toFixed(1)} with one host, ${two.seconds.toFixed(1)} with two`)
      return { [CASE]: one.seconds / two.seconds }
    },
  }
}

const twoHosts: StartHost = async (room, folder) => {
  const first = await ourHost(room, folder)
  const [program, words] = room.on(SECOND)
  execFileSync(program, [...words, 'tc', 'qdisc', 'change', 'dev', 'eth0', ...shapeOf(lesson.host)])
  const file = new URL('./second-host.ts', import.meta.url).pathname
  const tracker = `http://${addressOf(0)}:${TRACKER_PORT}`
  const options = { execPath: program, execArgv: [...words, process.execPath] }
  const second = fork(file, [addressOf(SECOND), folder, tracker], options)
  await once(second, 'message')
  return {
    async stop() {
      const exit = once(second, 'exit')
      second.disconnect()
      await exit
      return first.stop()
    },
  }
}

const aria2ButSecond: StartClient = (room, machine, folder) => {
  if (machine === SECOND) return { done: Promise.resolve(), stop: async () => {} }
  return aria2(room, machine, folder)
}
