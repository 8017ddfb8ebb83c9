import { expect, test } from 'vitest'
import type { State } from '../../../client/tui/state.ts'
import type { System } from '../../../client/tui/system.ts'
import { system as nodeSystem } from '../../../client/tui/system-node.ts'
import { Classroom } from '../seeder/classroom.ts'
import { createBootAttempt } from './boot-attempt.ts'

/** Longer than the test may take: whoever stays for so long has not left by itself. */
const SEED_TIME = 600

/** A machine that downloads what the classroom's host seeds, with Debian's aria2c. */
async function bootOf(classroom: Classroom) {
  const { bytes, infoHash } = classroom.made
  return {
    folder: await classroom.newFolder(),
    torrents: classroom.folder,
    aria2c: '/usr/bin/aria2c',
    os: { name: 'demo', bytes, infoHash, kernel: 'boot/vmlinuz' },
    seedTime: SEED_TIME,
  }
}

test('a machine gives to a slower one until that has everything, then starts by itself', async () => {
  await using classroom = await Classroom.open(16 * 1024 * 1024)
  const waiting: (number | undefined)[] = []
  const { attempt, lines } = await createBootAttempt({
    ...(await bootOf(classroom)),
    onChange: (state) => {
      if (state.screen === 'seeding') waiting.push(state.waiting)
    },
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
  const { attempt, lines } = await createBootAttempt({ ...(await bootOf(classroom)), onChange: show, after })
  await expect(attempt.run(Promise.resolve())).rejects.toThrow('its kernel did not start')
  expect(lines).toContain('boottorrent: start demo kexec')
})
