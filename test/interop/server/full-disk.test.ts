/** A disk that gets full while machines download from what the server has written to it before. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lineOf } from '../dhcp/network.ts'
import { image, type Program, ServedLab } from './served-lab.ts'

const script = path.join(import.meta.dirname, 'start-with-client.ts')

let lab: ServedLab
let server: Program
/** What the server writes, on a disk of its own. */
let out: string

beforeEach(async () => {
  lab = await ServedLab.open(27_000)
  out = path.join(lab.environment, 'out')
  await mkdir(out)
  // The disk is in the program's own view of the file system, and ends with it.
  const mounted = 'mount -t tmpfs -o size=1m none "$0" && exec "$@"'
  const program = [process.execPath, script, lab.client, lab.environment]
  server = lab.spawn('unshare', '-m', 'sh', '-c', mounted, out, ...program)
  await lineOf(server, /"server\.ready"/)
})

afterEach(() => lab[Symbol.asyncDispose]())

/** Has the environment read again, and waits for the lines that this brings. */
async function reload(...events: RegExp[]): Promise<{ message: string }[]> {
  const lines = Promise.all(events.map((event) => lineOf(server, event)))
  server.kill('SIGHUP')
  return (await lines).map((line) => JSON.parse(line))
}

test('a change that finds the disk full is refused with the reason, downloads go on, and it is served once there is room', async () => {
  const filler = path.join(`/proc/${server.pid}/root`, out, 'filler')
  const machine = { address: '127.0.0.2', mac: '52:54:00:00:00:02' }
  const download = await lab.beginAt(machine, 'demo', '1M')
  await expect(writeFile(filler, Buffer.alloc(1024 * 1024))).rejects.toMatchObject({ code: 'ENOSPC' })
  await lab.writeSystem('added', image('added'))
  const [problem, refused] = await reload(/"environment\.problem"/, /"environment\.refused"/)
  expect(problem?.message).toMatch(/There is no room left on the disk to write .*\/out/)
  expect(refused?.message).toMatch(/what was served before still is$/)
  expect((await lab.finish(download)).equals(image('first'))).toBe(true)
  expect((await lab.download('demo')).equals(image('first'))).toBe(true)

  await rm(filler)
  await reload(/"environment\.reloaded"/)
  expect((await lab.download('added')).equals(image('added'))).toBe(true)
})
