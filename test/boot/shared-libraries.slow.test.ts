/** Programs that are linked dynamically: glibc comes with the hypervisor, their own library lies beside them. */
import { expect, it } from 'vitest'
import { writeDynamicPrograms } from '../lab/dynamic-program.ts'
import { writeWaitingEnvironment } from '../lab/grub-rescue.ts'
import { openLab } from '../lab/lab.ts'
import { bootMachine, type MachineOptions } from '../lab/machine.ts'

const old = { firmware: 'bios', cpu: 'pentium3', network: 'rtl8139', mac: '52:54:00:b1:06:88' } as const
const wide = { firmware: 'bios', mac: '52:54:00:b1:06:89' } as const

it.each<['i386' | 'amd64', MachineOptions]>([
  ['i386', old],
  ['amd64', wide],
])(
  'runs a program for %s and its child, and says which library another one lacks',
  async (architecture, options) => {
    await using lab = await openLab(async (directory) => {
      await writeWaitingEnvironment(directory, 'whole')
      await writeDynamicPrograms(directory, architecture)
    })
    await using machine = await bootMachine(lab.lan, { memory: 512, ...options })
    await machine.waitFor(/^boottorrent: menu 2 systems, default whole/, 240)
    machine.type('\r')
    await machine.waitFor(new RegExp(`^boottorrent: complete hypervisor-${architecture} verified`), 120)
    await machine.waitFor(/^boottorrent: start whole program/, 60)
    await machine.waitFor(/^CHILD hello/, 120)
    expect((await machine.waitFor(/^PROGRAM (.*)$/, 60)).match[1]).toBe('hello, two words, terminal 1')
    await machine.waitFor(/^boottorrent: ended whole exit status 7/, 60)

    // The first key goes back to the menu, the second one chooses there.
    machine.type('1')
    machine.type('1')
    await machine.waitFor(/► 1 torn /, 60)
    machine.type('\r')
    await machine.waitFor(/^boottorrent: failed torn: tool cannot be loaded .* \(exit status 127\)/, 120)
    await machine.waitFor(/libgreeting\.so: cannot open shared object/, 60)
  },
  900_000,
)
