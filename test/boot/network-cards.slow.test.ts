/**
 * Network cards that QEMU can play, each from its own boot ROM to the menu: the loader's driver, then Phase-1's. igb needs
 * QEMU 8, usb-net has no boot ROM.
 */
import { expect, it } from 'vitest'

import { writeDemoEnvironment } from '../lab/demo-environment.ts'
import { demoParts, labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine, type NetworkCard } from '../lab/machine.ts'

/** Seconds from one step to the next on a slow computer. */
const patience = 120

it.each<NetworkCard>(['virtio-net-pci', 'e1000', 'e1000e', 'rtl8139', 'pcnet', 'vmxnet3', 'ne2k_pci'])(
  'boots from %s',
  async (network) => {
    const parts = await demoParts()
    await using lab = await openLab((directory) =>
      writeDemoEnvironment(directory, parts, { style: 'version1', ...labNetwork, timeout: -1, payloadBytes: 1024 }),
    )
    const mac = '52:54:00:ca:4d:01'
    await using machine = await bootMachine(lab.lan, { firmware: 'bios', mac, network })
    await lab.server.waitForStep(mac, 'kernel', patience)
    await machine.waitFor(new RegExp(`^boottorrent: network eth0 ${mac} `), patience)
    expect((await machine.waitFor(/^boottorrent: menu (\d+) system/, patience)).match[1]).toBe('1')
  },
  400_000,
)
