/** A boot that cannot succeed: the machine says so, on its consoles and to the server, and stays usable. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeDemoEnvironment } from '../lab/demo-environment.ts'
import { demoParts, labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine } from '../lab/machine.ts'

it('says that a downloaded kernel is none, tells the server, and opens a shell', async () => {
  const parts = await demoParts()
  await using lab = await openLab(async (directory) => {
    await writeDemoEnvironment(directory, parts, { style: 'version1', ...labNetwork, timeout: 0, payloadBytes: 1024 })
    await writeFile(join(directory, 'oss', 'demo', 'vmlinuz'), 'This is not a kernel.\n')
  })
  const mac = '52:54:00:ba:d0:01'
  await using machine = await bootMachine(lab.lan, { firmware: 'uefi-x64', mac })

  await machine.waitFor(/^boottorrent: complete demo verified/, 180)
  await machine.waitFor(/^boottorrent: failed /, 60)
  expect((await lab.server.waitForStep(mac, 'failed', 60)).level).toBe('warn')

  machine.type('s')
  await machine.waitForPrompt(/# ?$/, 60)
  machine.type('echo alive-$((6 * 7))\n')
  await machine.waitFor(/^alive-42/, 60)
}, 400_000)
