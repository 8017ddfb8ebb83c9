import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../../lab/browser.ts'
import { beginLesson } from '../../lab/scripted-lesson.ts'
import { openShownRoom, type ShownRoom, type ShownRoomOptions, serverAddress } from '../../lab/shown-room.ts'

const first = '52:54:00:00:00:01'
const second = '52:54:00:00:00:02'

let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
})

afterAll(() => browser.close())

interface Watched extends AsyncDisposable {
  readonly room: ShownRoom
  readonly page: Page
  /** What the browser complained of: errors of the script, and what the page's policy forbade. */
  readonly complaints: string[]
}

/** A room and a browser that looks on. */
async function watch(
  options: ShownRoomOptions & { readonly hash?: string; readonly calm?: boolean } = {},
): Promise<Watched> {
  const room = await openShownRoom(options)
  const reducedMotion = options.calm ? 'reduce' : 'no-preference'
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion })
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    // A refused request is what some of these tests are about.
    if (message.type() === 'error' && !message.text().includes('401')) complaints.push(message.text())
  })
  await page.goto(`${room.url}/${options.hash ?? ''}`)
  await page.locator('#connection[data-state=on]').waitFor()
  return {
    room,
    page,
    complaints,
    async [Symbol.asyncDispose]() {
      await page.close()
      await room[Symbol.asyncDispose]()
    },
  }
}

/** Waits until the element says this. */
async function says(page: Page, selector: string, text: string | RegExp): Promise<void> {
  await page.locator(selector).filter({ hasText: text }).first().waitFor()
}

function numbers(done: number, peers: [address: string, down: number, up: number][]) {
  return {
    done,
    total: 1000,
    down: 2_000_000,
    up: 0,
    fromServer: 300,
    fromPeers: 100,
    pieces: 'ffff000000000000',
    peers: peers.map(([address, down, up]) => ({ address, down, up, progress: 50 })),
  }
}

describe('the page', () => {
  it('shows a machine that appears, moves through its steps and starts, without being loaded again', async () => {
    await using watched = await watch()
    const { room, page, complaints } = watched
    await says(page, '#empty', 'No machine has asked to be booted yet')
    const { machines } = room
    machines.discover(first, 'uefi-x64', { netboot: true, ipxe: false })
    machines.describe(first, { name: 'pc-01', firmware: 'uefi-x64' })
    room.pass(1)
    await says(page, '.tile', 'pc-01')
    await says(page, '.tile .step', 'asks for an address')
    const steps: [step: Parameters<typeof machines.observe>[1], words: string][] = [
      ['address', 'has an address'],
      ['loader', 'loads the boot loader'],
      ['kernel', 'loads the kernel'],
      ['menu', 'shows the menu'],
    ]
    for (const [step, words] of steps) {
      machines.observe(first, step, 'x', step === 'menu' ? 'client' : 'host')
      room.pass(1)
      await says(page, '.tile .step', words)
    }
    machines.observe(first, 'progress', 'debian 40%', 'client', numbers(400, []))
    room.pass(1)
    await says(page, '.tile .step', 'downloads 40 %')
    await says(page, '.tile .speed', '2.0 MB/s')
    machines.observe(first, 'start', 'debian kexec', 'client')
    room.pass(1)
    await says(page, '.tile[data-tone=started] .step', 'started after 6 s')
    await says(page, '#count-started', '1')
    await says(page, '#times', /pc-01.*6 s/)
    await says(page, '#events li', 'pc-01 start: debian kexec')
    expect(complaints).toEqual([])
  })

  it('shows that a machine is stuck, and why, on its tile, among the events and with its timeline', async () => {
    await using watched = await watch()
    const { room, page } = watched
    room.machines.discover(first, 'bios', { netboot: true, ipxe: false })
    room.machines.observe(first, 'loader', 'ipxe.pxe by TFTP')
    room.pass(61)
    await says(page, '.tile[data-tone=stuck] .step', 'does not ask for the boot script')
    await says(page, '#count-stuck', '1')
    await says(page, '#events li[data-kind=bad]', 'stuck: It has the boot loader')
    await page.locator('.tile').click()
    await says(page, '#detail-stuck', /^Stuck for 1 min \d\d s: It has the boot loader/)
    await says(page, '#detail-timeline', 'ipxe.pxe by TFTP')
    await page.keyboard.press('Escape')
    await page.locator('#detail').waitFor({ state: 'hidden' })
  })

  it('shows who sends to whom: arrows from neighbours in one colour, from the server in another', async () => {
    // Dots in motion would hide where the arrows are.
    await using watched = await watch({ calm: true })
    const { room, page } = watched
    room.machines.bind(first, '192.168.1.21')
    room.machines.bind(second, '192.168.1.22')
    const ofServer: [string, number, number] = [serverAddress, 6_000_000, 0]
    room.machines.observe(first, 'progress', 'debian 40%', 'client', numbers(400, [ofServer]))
    room.machines.observe(second, 'progress', 'debian 40%', 'client', numbers(400, []))
    room.pass(1)
    await page.locator('summary').click()
    await says(page, '#flows', /^server52:54:00:00:00:016\.0 MB\/s$/)
    const without = await coloured(page)
    const ofNeighbour: [string, number, number] = ['192.168.1.21', 4_000_000, 0]
    room.machines.observe(second, 'progress', 'debian 40%', 'client', numbers(400, [ofNeighbour]))
    room.pass(1)
    await says(page, '#flows', '52:54:00:00:00:0152:54:00:00:00:024.0 MB/s')
    const withNeighbour = await coloured(page)
    expect(without.server).toBeGreaterThan(50)
    expect(withNeighbour.server).toBeGreaterThan(50)
    // The line and its arrow lie beside the middle of the picture, where nothing else of this colour is.
    expect(withNeighbour.peers).toBeGreaterThan(without.peers + 50)
    await page.locator('#picture[aria-label^="The server sends 6.0 MB/s to 1 machines"]').waitFor()
  })

  it('moves: dots are somewhere else a little later', async () => {
    await using watched = await watch()
    const { room, page } = watched
    const lesson = beginLesson(room, 6)
    for (let second = 0; second < 60; second++) lesson.second()
    await page.locator('summary').click()
    await says(page, '#flows', 'MB/s')
    const picture = () =>
      page.locator('#moving').evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL())
    const before = await picture()
    await expect.poll(picture, { timeout: 20_000 }).not.toBe(before)
  })

  it('shows hostile names and details as the text they are', async () => {
    await using watched = await watch()
    const { room, page, complaints } = watched
    const hostile = '<img src=x onerror=alert(1)>'
    const script = '<script>document.title = "stolen"</script>'
    room.machines.describe(first, { name: hostile }, 'client')
    room.machines.observe(first, 'failed', script, 'client')
    room.pass(1)
    await says(page, '.tile .name', hostile)
    await says(page, '.tile .step', script)
    await page.locator('.tile').click()
    await says(page, '#detail-title', hostile)
    await says(page, '#detail-timeline', script)
    expect(await page.locator('main img, main script, dialog img, dialog script').count()).toBe(0)
    expect(await page.title()).toBe('boottorrent')
    expect(complaints).toEqual([])
  })

  it('wakes machines with the token from the printed address, which it takes off the screen', async () => {
    await using watched = await watch({ hash: `#token=${'a'.repeat(32)}` })
    const { room, page } = watched
    expect(page.url()).not.toContain('token')
    room.machines.discover(first, 'bios', { netboot: true, ipxe: false })
    room.pass(1)
    await page.locator('.tile').click()
    await page.locator('#detail-wake').click()
    await says(page, '#message', '1 woken')
    expect(room.woken).toEqual([first])
  })

  it('asks for the token when there is none, and does nothing with a wrong one', async () => {
    await using watched = await watch()
    const { room, page } = watched
    room.machines.discover(first, 'bios', { netboot: true, ipxe: false })
    room.pass(1)
    await page.locator('.tile').waitFor()
    await page.locator('#wake-all').click()
    await page.locator('#token').fill('b'.repeat(32))
    await page.keyboard.press('Enter')
    await says(page, '#message', 'The server refused')
    expect(room.woken).toEqual([])
  })

  it('can be used with the keyboard alone: one stop for all machines, arrows between them', async () => {
    await using watched = await watch()
    const { room, page } = watched
    for (const mac of [first, second]) room.machines.discover(mac, 'bios', { netboot: true, ipxe: false })
    room.pass(1)
    await page.locator('.tile').nth(1).waitFor()
    await page.locator('summary').focus()
    await page.keyboard.press('Tab')
    const focused = () => page.evaluate('document.activeElement.dataset.mac')
    // Lists that scroll may be stops of their own.
    for (let stop = 0; stop < 4 && (await focused()) === undefined; stop++) await page.keyboard.press('Tab')
    expect(await focused()).toBe(first)
    await page.keyboard.press('ArrowRight')
    expect(await focused()).toBe(second)
    await page.keyboard.press('Enter')
    await says(page, '#detail-title', second)
  })

  it('says that the server is gone, and goes on by itself', async () => {
    await using watched = await watch()
    const { page } = watched
    await watched.room[Symbol.asyncDispose]()
    await says(page, '#connection[data-state=off]', 'does not answer')
  })

  it('shows what it knew before it was opened, and a second browser the same', async () => {
    await using room = await openShownRoom()
    const lesson = beginLesson(room, 5)
    for (let second = 0; second < 70; second++) lesson.second()
    const names: string[][] = []
    for (let viewer = 0; viewer < 2; viewer++) {
      const page = await browser.newPage()
      await page.goto(room.url)
      await page.locator('.tile').nth(4).waitFor()
      names.push(await page.locator('.tile .name').allTextContents())
      await page.close()
    }
    expect(names[0]).toEqual(['pc-02', 'pc-03', 'pc-04', 'pc-05', 'teacher'])
    expect(names[1]).toEqual(names[0])
  })

  it('holds nothing from elsewhere, and no page may put it into a frame', async () => {
    await using watched = await watch()
    const { room, page } = watched
    const origins = await page.evaluate(
      "performance.getEntriesByType('resource').map(({ name }) => new URL(name).origin)",
    )
    expect(new Set(origins as string[])).toEqual(new Set([room.url]))
    const policy = (await fetch(room.url)).headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
  })
})

/** How many pixels of the inner half of the picture are more orange, or more blue, than anything else. */
async function coloured(page: Page): Promise<{ server: number; peers: number }> {
  const count = `(() => {
    const canvas = document.getElementById('still')
    const { width, height } = canvas
    const { data } = canvas.getContext('2d').getImageData(0, height / 4, width, height / 2)
    let server = 0
    let peers = 0
    for (let at = 0; at < data.length; at += 4) {
      const [red, , blue, alpha] = data.slice(at, at + 4)
      if (alpha < 40) continue
      if (red > blue + 60) server++
      if (blue > red + 60) peers++
    }
    return { server, peers }
  })()`
  return (await page.evaluate(count)) as { server: number; peers: number }
}
