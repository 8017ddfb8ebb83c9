// Makes the pictures of the web page in docs/images, of a lesson with machines that do not exist. Needs a build, Debian's
// chromium, and pngquant, which makes the files small.
//
//     node scripts/screenshots.ts [folder]
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { openBrowser } from '../test/lab/browser.ts'
import { beginLesson } from '../test/lab/scripted-lesson.ts'
import { openShownRoom } from '../test/lab/shown-room.ts'

interface Shot {
  readonly name: string
  readonly machines: number
  /** Second of the lesson. */
  readonly at: number
  readonly width: number
  readonly height: number
  readonly theme: 'light' | 'dark'
  readonly scale?: number
  readonly isTouch?: boolean
  /** Name of a machine to open. */
  readonly open?: string
}

const shots: readonly Shot[] = [
  { name: 'web-dark', machines: 24, at: 141, width: 1280, height: 900, theme: 'dark' },
  { name: 'web-light', machines: 12, at: 112, width: 1280, height: 900, theme: 'light' },
  { name: 'web-projector', machines: 100, at: 138, width: 1920, height: 1080, theme: 'light' },
  { name: 'web-phone', machines: 24, at: 141, width: 390, height: 844, theme: 'dark', isTouch: true },
  { name: 'web-machine', machines: 24, at: 120, width: 1000, height: 720, theme: 'light', open: 'pc-11' },
]

const folder = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '../docs/images'))
await using browser = await openBrowser()
for (const shot of shots) await take(browser, shot)

async function take(
  browser: Browser,
  { name, machines, at, width, height, theme, isTouch, open }: Shot,
): Promise<void> {
  await using room = await openShownRoom()
  const lesson = beginLesson(room, machines)
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: theme,
    hasTouch: isTouch ?? false,
    timezoneId: 'UTC',
  })
  await page.goto(room.url)
  await page.locator('#connection[data-state=on]').waitFor()
  for (let second = 0; second < at; second++) lesson.second()
  await page
    .locator('.tile')
    .nth(machines - 1)
    .waitFor()
  if (open !== undefined) {
    await page.locator('.tile', { hasText: open }).click()
    await page.locator('#detail-timeline li').first().waitFor()
  }
  // Two frames, so that the dots are there.
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
  const file = path.join(folder, `${name}.png`)
  await page.screenshot({ path: file })
  execFileSync('pngquant', ['--force', '--ext', '.png', '--speed', '1', '--quality', '60-95', '96', file])
  console.log(file)
  await page.close()
}
