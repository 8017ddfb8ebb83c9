import { expect, test } from 'vitest'
import { run, runBytes } from '../../../client/build/run.ts'

test('gives back what the command printed, as bytes or text', async () => {
  expect(await run('printf', ['%s', 'a b'])).toBe('a b')
  expect([...(await runBytes('printf', ['\\377\\000']))]).toEqual([255, 0])
})

test('a command that fails is an error with its last words', async () => {
  const failed = run('sh', ['-c', 'echo out; echo the reason >&2; exit 3'], { hint: 'Do this.' })
  await expect(failed).rejects.toMatchObject({
    code: 'INTERNAL',
    message: expect.stringMatching(/status 3.*the reason/s),
    hint: 'Do this.',
  })
})

test('a command that is not installed says so and where to look', async () => {
  await expect(run('boottorrent-no-such-command', [])).rejects.toMatchObject({
    message: 'the command boottorrent-no-such-command is not installed',
    hint: expect.stringContaining('system-packages.mjs'),
  })
})

test('a command that reads nothing of its input is no failure', async () => {
  await expect(run('true', [], { input: Buffer.alloc(1_000_000) })).resolves.toBe('')
})

test('a signal ends the command', async () => {
  const controller = new AbortController()
  const running = run('sleep', ['1000'], { signal: controller.signal })
  controller.abort()
  await expect(running).rejects.toMatchObject({ cause: { name: 'AbortError' } })
})
