/** The virtual machine by itself: what every other boot test stands on. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLan, type Lan } from '../../src/demo/vm/lan.ts'
import { bootMachine } from '../lab/machine.ts'

const mac = '52:54:00:00:00:01'

describe('a virtual machine', () => {
  let lan: Lan
  let folder: string

  beforeAll(async () => {
    lan = await createLan()
    folder = await mkdtemp(join(tmpdir(), 'boottorrent-test-'))
  })

  afterAll(async () => {
    await lan?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('has an empty disk, from which nothing boots', async () => {
    await using machine = await bootMachine(lan, { firmware: 'bios', mac, rom: false, memory: 64 })
    const line = await machine.waitFor(/Boot failed: not a bootable disk/, 60)
    expect(line.at).toBeGreaterThan(0)
  })

  it('shows its screen as a picture', async () => {
    await using machine = await bootMachine(lan, { firmware: 'bios', mac, rom: false, memory: 64 })
    await machine.waitFor(/No bootable device/, 60)
    const file = join(folder, 'screen.png')
    await machine.screenshot(file)
    expect((await readFile(file)).subarray(0, 8).toString('latin1')).toBe('\u0089PNG\r\n\u001a\n')
  })

  it('takes keys from the keyboard', async () => {
    await using machine = await bootMachine(lan, { firmware: 'bios', mac, memory: 64 })
    await machine.waitForPrompt(/Press Ctrl-B for the iPXE command line/, 60)
    await machine.press('ctrl', 'b')
    await machine.waitForPrompt(/iPXE> ?$/, 60)
  })

  it('captures its packets', async () => {
    const capture = join(folder, 'boot.pcap')
    {
      await using machine = await bootMachine(lan, { firmware: 'bios', mac, memory: 64, capture })
      // It writes a dot every second.
      await machine.waitForPrompt(/Configuring .*\.{5}/, 60)
    }
    const packets = (await readFile(capture)).toString('latin1')
    expect(packets).toContain('PXEClient:Arch:00000')
  })

  it('says that it ended, to whoever waits for it, when its plug is pulled', async () => {
    const machine = await bootMachine(lan, { firmware: 'bios', mac, rom: false, memory: 64 })
    await machine.waitFor(/SeaBIOS/, 60)
    const waiting = expect(machine.waitFor(/never said/, 60)).rejects.toThrow(/QEMU ended .*\n.*SeaBIOS/s)
    await machine.close()
    await waiting
  })

  it('says what QEMU did not like', async () => {
    const machine = bootMachine(lan, { firmware: 'bios', mac, cpu: 'abacus' })
    await expect(machine).rejects.toThrow(/QEMU did not start \(1\): .*abacus/)
  })
})
