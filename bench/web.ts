/**
 * The web page with a full room: how many frames a second the browser draws while 100 machines report every second, and what
 * the status costs the server. Debian's Chromium draws without a graphics card here, as on the weakest laptop.
 */
import { openBrowser } from '../test/lab/browser.ts'
import { beginLesson } from '../test/lab/scripted-lesson.ts'
import { openShownRoom } from '../test/lab/shown-room.ts'
import { type Competitor, compete, type Suite } from './harness.ts'

const MACHINES = 100
/** Second of the lesson in which all of them download. */
const BUSY = 95
const SECONDS = 8

const FRAMES = `${MACHINES} machines, frames a second of the page`
const PROCESSOR = `${MACHINES} machines, share of a core for the status and one browser`

const ours: Competitor = { name: 'boottorrent', measure }

export const suite: Suite = async (options) => {
  const rows = await compete(
    ours,
    [],
    [
      { case: FRAMES, unit: 'frames/s', better: 'higher', goal: 30, peers: [] },
      { case: PROCESSOR, unit: '%', better: 'lower', goal: 5, peers: [] },
    ],
    options,
  )
  return { rows, notes: ['The machines are scripted: the share of a core contains the script that moves them.'] }
}

async function measure(): Promise<Record<string, number>> {
  await using room = await openShownRoom()
  await using browser = await openBrowser()
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
  await page.goto(room.url)
  await page.locator('#connection[data-state=on]').waitFor()
  const lesson = beginLesson(room, MACHINES)
  for (let second = 0; second < BUSY; second++) lesson.second()
  await page
    .locator('.tile')
    .nth(MACHINES - 1)
    .waitFor()

  const before = process.cpuUsage()
  const ticking = setInterval(() => lesson.second(), 1000)
  const frames = (await page.evaluate(countFrames)) as number
  clearInterval(ticking)
  const used = process.cpuUsage(before)
  return { [FRAMES]: frames / SECONDS, [PROCESSOR]: ((used.user + used.system) / 1e6 / SECONDS) * 100 }
}

const countFrames = `new Promise((done) => {
  const end = performance.now() + ${SECONDS * 1000}
  let frames = 0
  const frame = () => {
    frames += 1
    if (performance.now() < end) requestAnimationFrame(frame)
    else done(frames)
  }
  requestAnimationFrame(frame)
})`
