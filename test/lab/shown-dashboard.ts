/**
 * A program that shows the dashboard of a room in which a scripted lesson goes on, for tests in real terminals and for
 * pictures:
 *
 *     shown-dashboard MACHINES SECONDS [run|picture]
 *
 * So many seconds of the lesson pass at once; with `run` it goes on from there, a second each second, until it is stopped. With
 * `picture` nothing goes wrong at the server. SIGUSR2 throws where nobody catches. At its end it prints what the dashboard cost.
 */
import process from 'node:process'
import { processIo } from '../../src/cli/process-io.ts'
import { Screen } from '../../src/cli/screen.ts'
import { aborted, stopOnInterrupt } from '../../src/cli/serving.ts'
import { beginLesson } from './scripted-lesson.ts'
import { openShownRoom } from './shown-room.ts'

const [count = '12', seconds = '60', mode] = process.argv.slice(2)
const io = processIo()
await using room = await openShownRoom({ withPage: false })
await using screen = new Screen(io, { level: 'info', plain: false, now: () => room.now() })
using stop = stopOnInterrupt(io, screen.log, 'server')
const lesson = beginLesson(room, Number(count))
for (let second = 0; second < Number(seconds); second++) lesson.second()

process.once('SIGUSR2', () => {
  throw new Error('a crash that was asked for')
})
const reload = async () => {
  room.board.note('reload', 'The environment was read again')
  return { ok: true, problems: [], systems: [], needsRestart: [] }
}
await screen.show({ status: room.board, served: [], reload }, stop.request)
screen.log({ level: 'info', event: 'server.ready', message: 'ready: switch a machine on that boots from the network' })
if (mode !== 'picture') {
  // Node writes it to standard error by itself.
  process.emitWarning('something is old')
  await new Promise(setImmediate)
  screen.log({ level: 'warn', event: 'dhcp.silent', message: 'Another DHCP server answers' })
}
const before = process.cpuUsage()
const began = performance.now()
/** Microseconds that the machines cost which do not exist. */
let lessonCost = 0
const clock = mode === 'run' ? setInterval(passSecond, 1000) : undefined
// What keeps a server alive are its sockets.
const alive = setInterval(() => {}, 1_000_000)
await aborted(stop.signal)
clearInterval(clock)
clearInterval(alive)
const { user, system } = process.cpuUsage(before)
const cost = (user + system - lessonCost) / 10 / (performance.now() - began)
await screen.close()
screen.log({ level: 'info', event: 'server.closed', message: `Stopped: ${cost.toFixed(1)} % of a core` })

function passSecond(): void {
  const { user, system } = process.cpuUsage()
  lesson.second()
  const after = process.cpuUsage()
  lessonCost += after.user - user + after.system - system
}
