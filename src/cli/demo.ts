import { centralFloorSeconds } from '../demo/figures.ts'
import type { Demo, Lesson } from '../demo/index.ts'
import type { Log } from '../log.ts'
import { formatDuration } from '../ui/format.ts'
import { demoOnLan, enterLan, isInsideLan } from './demo-lan.ts'
import { type DemoFlags, type DemoRoom, demoRoom } from './demo-options.ts'
import { speed, summaryFields, summaryLines } from './demo-summary.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { type Io, inColor } from './io.ts'
import { jsonLog } from './log.ts'
import { logError } from './report-error.ts'
import { Screen } from './screen.ts'
import { aborted, isAbort, stopOnInterrupt } from './serving.ts'

/** `boottorrent demo`: a classroom on this computer. */
export async function demo(flags: DemoFlags, io: Io): Promise<number> {
  const room = demoRoom(flags)
  const plain = flags.json === true || flags.plain === true || flags.dashboard === false
  if (room.vm > 0 && !isInsideLan(io)) return demoElsewhere(flags, io)
  await using screen = new Screen(io, { level: 'info', plain })
  const log = flags.json ? jsonLog(io, { level: 'info' }) : screen.log
  using stop = stopOnInterrupt(io, log, 'demo')
  try {
    const { openDemo } = await import('../demo/index.ts')
    const { clients, bytes, uplink, link } = room
    const speeds = { host: uplink, machine: link }
    await using inside = room.vm > 0 ? await enterLan(room.vm) : undefined
    const virtual = inside === undefined ? {} : { virtual: inside }
    await using open = await openDemo({ clients, bytes, speeds, ...virtual, log, signal: stop.signal })
    await screen.show(open.server, stop.request)
    await open.start()
    const lesson = await teach(open, room, log)
    await screen.close()
    const compares = room.central && lesson.booted > 0
    const centralSeconds = compares ? await serveCentrally(open, room, log) : undefined
    const outcome = { room, lesson, centralSeconds }
    if (flags.json) log({ level: 'info', event: 'summary', message: 'The demo is over', ...summaryFields(outcome) })
    else io.stdout.write(`${summaryLines(outcome, painter(io)).join('\n')}\n`)
    if (flags.stay) {
      log({ level: 'info', event: 'demo.stays', message: `the room stays until Ctrl+C: ${open.page}`, url: open.page })
      await aborted(stop.signal)
    }
    const { wanted, booted } = lesson.virtual
    return lesson.booted === clients && booted === wanted ? exitCodes.done : exitCodes.failure
  } catch (error) {
    // Who stops it gets what he wanted.
    if (!isAbort(error, stop.signal)) {
      if (!flags.json) throw error
      logError(error, log, 'demo.failed')
      return exitCodeOf(error)
    }
  }
  await screen.close()
  log({ level: 'info', event: 'demo.closed', message: 'Stopped' })
  return exitCodes.done
}

/** Virtual machines need a network of their own: the command runs there. */
async function demoElsewhere({ json }: DemoFlags, io: Io): Promise<number> {
  try {
    return await demoOnLan(io)
  } catch (error) {
    if (!json) throw error
    logError(error, jsonLog(io, { level: 'info' }), 'demo.failed')
    return exitCodeOf(error)
  }
}

async function teach(open: Demo, { clients, vm, uplink, link }: DemoRoom, log: Log): Promise<Lesson> {
  const cables = `${speed(uplink)} for the server, ${speed(link)} for a machine`
  log({
    level: 'info',
    event: 'demo.began',
    message: `switching on ${clients} machines${vm > 0 ? ` and ${vm} in QEMU` : ''}: ${cables}`,
    clients,
    vm,
    uplink,
    link,
  })
  log({ level: 'info', event: 'demo.page', message: `in a browser: ${open.page}`, url: open.page })
  const lesson = await open.boot()
  const { booted, seconds, serverBytes } = lesson
  const told = `${booted} of ${clients} machines have booted; the downloads took ${seconds.toFixed(1)} s`
  log({ level: 'info', event: 'demo.booted', message: told, booted, seconds, serverBytes })
  return lesson
}

async function serveCentrally(open: Demo, room: DemoRoom, log: Log): Promise<number> {
  const { clients, bytes, uplink, link } = room
  const expected = formatDuration(centralFloorSeconds(clients, bytes, { host: uplink, machine: link }))
  const message = `now the same from one server that gives everything to each machine: about ${expected}`
  log({ level: 'info', event: 'demo.central-began', message })
  return open.downloadCentrally(({ bytes: done, complete, seconds }) => {
    const bytesPerSecond = done / seconds
    const all = clients * bytes
    const secondsLeft = (all - done) / bytesPerSecond
    const told = `${complete} of ${clients} machines have everything`
    log({
      level: 'info',
      event: 'demo.central',
      message: told,
      done,
      bytes: all,
      bytesPerSecond,
      secondsLeft,
      complete,
    })
  })
}

function painter(io: Io): (code: number, text: string) => string {
  const color = inColor(io.stdout, io.env)
  return (code, text) => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
}
