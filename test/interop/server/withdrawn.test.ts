/** A machine comes after its system was withdrawn: its screen says why nothing comes, and it goes on once the files are mended. */
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BootServer } from '../../../src/server.ts'
import { createBootAttempt } from '../tui/boot-attempt.ts'
import { unpackClient } from '../tui/phase1.ts'
import { ended, image, ServedLab } from './served-lab.ts'

const MAC = '52:54:00:00:00:06'
const whole = image('first')
const REASON = 'The server does not have demo any more: its files changed, or cannot be read. Still looking.'

let lab: ServedLab
let server: BootServer
let programs: string

beforeEach(async () => {
  programs = await mkdtemp(path.join(tmpdir(), 'boottorrent-client-'))
  lab = await ServedLab.open(29_000)
  server = await lab.start({ watch: false })
})

afterEach(async () => {
  await server.close()
  await lab[Symbol.asyncDispose]()
  await rm(programs, { recursive: true, force: true })
})

test('the screen of a machine that comes after its system was withdrawn says so; once it is mended, the machine gets everything', {
  timeout: 120_000,
}, async () => {
  const { aria2c } = await unpackClient(programs)
  const file = path.join(lab.environment, 'oss/demo/vmlinuz')
  await truncate(file, whole.length / 2)
  const { machine: before } = await lab.beginDownload('demo')
  const isWithdrawn = () => lab.entries.some(({ event }) => event === 'seeder.withdrawn')
  await expect.poll(isWithdrawn, { timeout: 10_000 }).toBe(true)
  await ended(before)

  const folder = await mkdtemp(path.join(lab.folder, 'machine-'))
  const remarks = new Set<string | undefined>()
  const { attempt, lines } = await createBootAttempt({
    ...{ folder, torrents: path.dirname(await lab.fetchTorrent('demo')), aria2c, seedTime: 0 },
    os: { name: 'demo', bytes: whole.length, infoHash: '', kernel: 'vmlinuz' },
    host: { url: `${lab.base}/report`, mac: MAC },
    onChange: (state) => {
      if (state.screen === 'download') remarks.add(state.remark)
    },
  })
  const boot = expect(attempt.run(Promise.resolve())).rejects.toThrow('its kernel did not start')
  await expect.poll(() => [...remarks], { timeout: 40_000 }).toContain(REASON)
  expect(lines).toContain(`boottorrent: waiting demo 0%: ${REASON}`)
  const timeline = () => server.machines().find(({ mac }) => mac === MAC)?.timeline ?? []
  expect(timeline().filter(({ step }) => step === 'trouble')).toHaveLength(1)

  await writeFile(file, whole)
  expect(await server.reload()).toMatchObject({ ok: true })
  await boot
  expect((await readFile(path.join(folder, 'oss/demo/vmlinuz'))).equals(whole)).toBe(true)
  expect(timeline().map(({ step }) => step)).toContain('complete')
})
