/** A card whose driver is not among the common ones: the loader asks by its PCI id, and gets the other drivers along. */
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parseEvent } from '../lab/boot-server.ts'
import { writeDemoEnvironment } from '../lab/demo-environment.ts'
import { demoParts, labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine } from '../lab/machine.ts'
import { writeRareCardClient } from '../lab/rare-card-client.ts'

/** Seconds from one step to the next on a slow computer. */
const patience = 180

it('boots from a card with a rare driver, and loads no rare drivers for a common card', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'rare-card-'))
  const client = await writeRareCardClient(folder.path, 'e1000e')
  const parts = await demoParts()
  await using lab = await openLab(
    (directory) =>
      writeDemoEnvironment(directory, parts, { style: 'version1', ...labNetwork, timeout: -1, payloadBytes: 1024 }),
    { client },
  )
  const fetched = () => lab.server.events.lines.map(parseEvent).filter((event) => event?.event === 'http.done')
  const bytesOf = (name: string) => fetched().find((event) => event?.file === name)?.bytes

  const rare = '52:54:00:4a:4e:01'
  await using machine = await bootMachine(lab.lan, { firmware: 'bios', mac: rare, network: 'e1000e' })
  await machine.waitFor(new RegExp(`^boottorrent: network eth0 ${rare} `), 2 * patience)
  await machine.waitFor(/^boottorrent: menu 1 system/, patience)
  expect(bytesOf('other-drivers/amd64/01-80-86-10-d3')).toBeGreaterThan(1_000_000)

  const common = '52:54:00:4a:4e:02'
  await using other = await bootMachine(lab.lan, { firmware: 'bios', mac: common, network: 'e1000' })
  await other.waitFor(new RegExp(`^boottorrent: network eth0 ${common} `), 2 * patience)
  expect(bytesOf('other-drivers/amd64/01-80-86-10-0e')).toBe(4)
}, 900_000)
