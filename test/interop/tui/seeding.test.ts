import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ClientConfiguration } from '../../../client/contract.ts'
import { Attempt } from '../../../client/tui/attempt.ts'
import { Journal } from '../../../client/tui/journal.ts'
import { Reporter } from '../../../client/tui/reporter.ts'
import { emptyMemory } from '../../../client/tui/room.ts'
import { readSettings } from '../../../client/tui/settings.ts'
import type { State } from '../../../client/tui/state.ts'
import type { System } from '../../../client/tui/system.ts'
import { system as nodeSystem } from '../../../client/tui/system-node.ts'
import { Classroom } from '../seeder/classroom.ts'

/** Longer than the test may take: whoever stays for so long has not left by itself. */
const SEED_TIME = 600

/** The logic of a machine, on this one, with Debian's aria2c and a kexec that does nothing. */
async function createAttempt(
  classroom: Classroom,
  onChange: (state: State) => void,
  after: System['after'] = nodeSystem.after,
) {
  const folder = await classroom.newFolder()
  const settings: Readonly<Record<string, string>> = {
    BT_TORRENTS: classroom.folder,
    BT_DOWNLOADS: join(folder, 'oss'),
    BT_ARIA2C: '/usr/bin/aria2c',
    BT_ARIA2_LOG: join(folder, 'aria2.log'),
    BT_KEXEC: '/bin/true',
  }
  await mkdir(join(folder, 'oss'))
  const system: System = { ...nodeSystem, after, env: (name) => settings[name] }
  const os = {
    name: 'demo',
    displayName: 'Demo',
    bytes: classroom.made.bytes,
    infoHash: classroom.made.infoHash,
    method: 'kexec',
    signed: true,
    kernel: 'boot/vmlinuz',
    initrds: [],
    cmdline: '',
  } as const
  const configuration: ClientConfiguration = {
    version: 1,
    reportUrl: '',
    timeout: 0,
    defaultOs: 'demo',
    seedTime: SEED_TIME,
    aria2: { lpd: false, dht: false, pex: false, checkIntegrity: false, logLevel: 'warn' },
    shell: 'open',
    oss: [os],
    hypervisors: [],
    machines: [],
  }
  const lines: string[] = []
  const journal = new Journal((line) => lines.push(line), new Reporter(system, '', ''))
  const consoles = { first: '', lend: () => true, takeBack: () => {}, release: () => {}, settled: async () => {} }
  const surroundings = { system, settings: readSettings(system), journal, consoles }
  const attempt = new Attempt(surroundings, configuration, { os, terminal: '' }, emptyMemory(), onChange)
  return { attempt, lines }
}

test('a machine gives to a slower one until that has everything, then starts by itself', async () => {
  await using classroom = await Classroom.open(16 * 1024 * 1024)
  const waiting: (number | undefined)[] = []
  const { attempt, lines } = await createAttempt(classroom, (state) => {
    if (state.screen === 'seeding') waiting.push(state.waiting)
  })
  const slow = classroom.aria2('--max-overall-download-limit=1M')
  // The kernel that does not start is how such an attempt ends.
  await expect(attempt.run(Promise.resolve())).rejects.toThrow('its kernel did not start')
  expect(await classroom.differences(await slow)).toEqual([])
  expect(waiting).toContain(1)
  expect(lines).toContain('boottorrent: seeding demo over, every machine has it')
  expect(lines).toContain('boottorrent: start demo kexec')
})

test('a download is over as soon as aria2 has the last piece, not when it is next looked at', async () => {
  await using classroom = await Classroom.open(64 * 1024 * 1024)
  let screen: State['screen'] = 'download'
  // While it downloads, pauses of a second never end.
  const after: System['after'] = (milliseconds, callback) => {
    const isLook = screen === 'download' && milliseconds === 1000
    return isLook ? { cancel: () => {} } : nodeSystem.after(milliseconds, callback)
  }
  const show = (state: State) => {
    screen = state.screen
  }
  const { attempt, lines } = await createAttempt(classroom, show, after)
  await expect(attempt.run(Promise.resolve())).rejects.toThrow('its kernel did not start')
  expect(lines).toContain('boottorrent: start demo kexec')
})
