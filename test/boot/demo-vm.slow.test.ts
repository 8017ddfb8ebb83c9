/** `boottorrent demo --vm`, as it is published: a real machine among simulated ones, on a network inside this computer. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { builtProgram, type ServerEvent } from '../lab/boot-server.ts'
import { timelineSteps } from '../lab/boot-steps.ts'

const mac = '52:54:00:b0:07:01'

/** Starts it; it ends by itself, or with the test. */
function startDemo(...words: string[]) {
  const child = spawn(process.execPath, [builtProgram, 'demo', '--clients', '2', '--vm', '1', '--json', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  return {
    child,
    lines: createInterface({ input: child.stdout }),
    exitCode: async () => (await ended)[0] as number | null,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      await ended
    },
  }
}

test('a real machine downloads with the simulated ones and runs its system', { timeout: 600_000 }, async () => {
  await using demo = startDemo('--no-central')
  const events: ServerEvent[] = []
  let page: Promise<Response> | undefined
  for await (const line of demo.lines) {
    const event: ServerEvent = JSON.parse(line)
    events.push(event)
    // The page is seen from the network around that of the machines.
    if (event.event === 'demo.page') page = fetch(`${event.url}api/status`)
  }
  expect(await demo.exitCode()).toBe(0)
  expect(events.at(-1)).toMatchObject({
    ...{ event: 'summary', clients: 2, booted: 2, damagedPieces: 0, floorSeconds: null },
    vm: { wanted: 1, booted: 1 },
  })
  expect(events.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])

  const steps = events.filter((one) => one.event === 'machine' && one.mac === mac).map(({ step }) => step)
  expect(steps).toEqual(expect.arrayContaining([...timelineSteps]))
  // The simulated machines have waited for it in their menus.
  const first = (of: (one: ServerEvent) => boolean) => events.findIndex((one) => one.step === 'download' && of(one))
  const menu = events.findIndex((one) => one.step === 'menu' && one.mac === mac)
  expect(first((one) => one.mac !== mac)).toBeGreaterThan(menu)
  expect(await (await page)?.json()).toMatchObject({ server: { interface: 'lan0' } })
})

test('whoever stops it is obeyed, and QEMU ends with it', { timeout: 120_000 }, async () => {
  await using demo = startDemo()
  const events: string[] = []
  for await (const line of demo.lines) {
    const { event } = JSON.parse(line) as ServerEvent
    events.push(event)
    if (event === 'demo.vm-on') demo.child.kill('SIGTERM')
  }
  // The output ends with the last program that could write to it.
  expect(events.at(-1)).toBe('demo.closed')
  expect(events).not.toContain('demo.machine-failed')
  expect(await demo.exitCode()).toBe(0)
})
