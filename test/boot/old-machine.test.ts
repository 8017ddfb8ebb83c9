/**
 * An old 32-bit PC: the boot script finds out that its processor cannot run the 64-bit kernel, and the whole of Phase-1,
 * whose programs are 32-bit anyway, runs on the other one. A rule for this machine starts its system without a person.
 */
import { expect, it } from 'vitest'
import { demoIntact, demoMarker, writeDemoEnvironment } from '../lab/demo-environment.ts'
import { demoParts, labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine } from '../lab/machine.ts'

const mac = '52:54:00:b1:06:86'
/** As the machines of the lab have it in their firmware. */
const uuid = 'b0070000-0000-4000-8000-525400b10686'

it('boots a 32-bit machine with the 686 kernel, and a 32-bit system on it', async () => {
  const parts = await demoParts('686')
  await using lab = await openLab((directory) =>
    writeDemoEnvironment(directory, parts, {
      style: 'version1',
      ...labNetwork,
      // The menu of every other machine waits for a person.
      timeout: -1,
      machines: `[{ uuid: "${uuid.toUpperCase()}", timeout: 0, cmdline: "room.pc={{mac}},{{ip}},{{uuid}}" }]`,
      payloadBytes: 4 * 1024 * 1024,
    }),
  )
  const old = { firmware: 'bios', mac, cpu: 'pentium3', network: 'rtl8139', memory: 384 } as const
  await using machine = await bootMachine(lab.lan, old)

  expect((await lab.server.waitForStep(mac, 'kernel', 120)).detail).toMatch(/^vmlinuz-686 /)
  expect((await machine.waitFor(/boottorrent: phase1 kernel (\S+) (\S+)/, 120)).match[2]).toBe('i686')
  await machine.waitFor(/^boottorrent: complete demo verified/, 120)
  const { text } = await machine.waitFor(new RegExp(`^${demoMarker}`), 120)
  expect(text).toMatch(new RegExp(`room\\.pc=${mac},172\\.30\\.0\\.\\d+,${uuid}`))
  expect((await machine.waitFor(/^BOOTTORRENT-DEMO kernel \S+ (\w+)/, 30)).match[1]).toBe('i686')
  await machine.waitFor(new RegExp(`^${demoIntact}, 4194304 bytes`), 60)
}, 300_000)
