/** `boottorrent demo` as a person or a program ends it, and where it cannot run. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

const main = path.join(import.meta.dirname, '../../../src/cli/main.ts')

test('a loopback interface that is off is told of at once', async () => {
  // A network namespace of its own begins like that.
  const child = spawn('unshare', ['-rn', process.execPath, main, 'demo', '--clients', '1', '--plain'])
  const [errors, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  expect(errors).toContain(
    'error: The loopback interface of this computer is off.\n  Switch it on: sudo ip link set lo up',
  )
  expect(code).not.toBe(0)
})

test.each(['SIGHUP', 'SIGTERM'] as const)(
  '%s without a terminal ends it in order, and nothing is left',
  async (signal) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'demo-ended-'))
    try {
      const words = ['demo', '--clients', '2', '--uplink', '100kbit', '--json']
      const env = { ...process.env, TMPDIR: folder }
      const child = spawn(process.execPath, [main, ...words], { env, stdio: ['ignore', 'pipe', 'inherit'] })
      const ended = once(child, 'exit')
      const events: string[] = []
      for await (const line of createInterface(child.stdout)) {
        const { event } = JSON.parse(line) as { event: string }
        events.push(event)
        if (event === 'demo.began') child.kill(signal)
      }
      expect(await ended).toEqual([0, null])
      expect(events.at(-1)).toBe('demo.closed')
      expect(await readdir(folder)).toEqual([])
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
)
