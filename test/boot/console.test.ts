/**
 * What a person sees on the VGA console of an old PC, 80 × 25 in text mode: a menu that scrolls, with names that its font has and
 * names that it has not, the details, a shell behind a password, and the way out.
 */
import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine, type Machine } from '../lab/machine.ts'

const password = 'open sesame'
const names = ['Schülerübung', '教室のパソコン', `A name that is ${'very '.repeat(30)}long`]

it('shows menu and details on a VGA console, guards the shell, and restarts the machine', async () => {
  const hash = execFileSync('openssl', ['passwd', '-6', password], { encoding: 'utf8' }).trim()
  await using lab = await openLab((directory) => writeSystems(directory, hash))
  const mac = '52:54:00:b1:08:25'
  await using machine = await bootMachine(lab.lan, { firmware: 'bios', mac, cpu: 'pentium3', memory: 256 })
  await machine.waitFor(/^boottorrent: menu 40 systems, default os-00, waiting/, 240)

  const menu = await screenWith(machine, /► 1 Schülerübung \(default of this machine\) /)
  expect(menu[0]).toMatch(/^ {2}boottorrent \S+ .*172\.30\.0\.\d+ · 52:54:00:b1:08:25$/)
  expect(menu.join('\n')).toMatch(/A name that is very very .* +6 B +6 B$/m)
  expect(menu.join('\n')).toMatch(/↓ .* System 11 +6 B +6 B/)
  const large = menu.find((line) => line.includes('System 04')) ?? ''
  expect(large, 'too large for this machine, said before any download').toMatch(/\d+ MB +‼ \d+ MB$/)

  await machine.press('4')
  await screenWith(machine, /System 04 needs \d+ MB of memory; here is room for \d+ MB\./)
  await machine.press('end')
  await screenWith(machine, /► +System 40 /)
  await machine.press('i')
  const details = (await screenWith(machine, /The server/)).join('\n')
  expect(details).toMatch(/Firmware +BIOS/)
  expect(details).toMatch(/Kernel +\S+-686$/m)
  expect(details).toMatch(/Rule +mac 52:54:00:b1:08:25: default/)
  await machine.press('esc')
  await screenWith(machine, /► +System 40 /)

  machine.type('\x13')
  await answerUntil(machine, 'wrong', () => machine.waitFor(/Login incorrect/, 10))
  await answerUntil(machine, password, () => machine.waitForPrompt(/# ?$/, 10))
  machine.type('echo inside-$((6 * 7))\n')
  await machine.waitFor(/^inside-42/, 60)
  machine.type('exit\n')

  await machine.press('x')
  await screenWith(machine, /Restart this machine, or switch it off\?/)
  await machine.press('r')
  await machine.waitFor(/^boottorrent: power restart/, 60)
  await machine.off
}, 600_000)

/** Types an answer to sulogin, which throws away what comes before it has asked, once and again until it has taken it. */
async function answerUntil(machine: Machine, answer: string, taken: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    await machine.waitForPrompt(/startup\): *$/, 60)
    machine.type(`${answer}\n`)
    try {
      await taken()
      return
    } catch (error) {
      if (tries === 4) throw error
    }
  }
}

/** Resolves with the screen's lines as soon as one looks like this. */
async function screenWith(machine: Machine, pattern: RegExp): Promise<string[]> {
  let lines: string[] = []
  const look = async () => {
    lines = await machine.screenText()
    return lines.join('\n')
  }
  await expect.poll(look, { interval: 500, timeout: 60_000 }).toMatch(pattern)
  return lines
}

/** Forty systems. The fourth is larger than the machine's memory. */
async function writeSystems(directory: string, hash: string): Promise<void> {
  for (let number = 1; number <= 40; number++) {
    const digits = String(number).padStart(2, '0')
    const folder = join(directory, 'oss', `os-${String(number - 1).padStart(2, '0')}`)
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'kernel'), 'kernel')
    await writeFile(
      join(folder, 'config.yaml'),
      `dispname: ${JSON.stringify(names[number - 1] ?? `System ${digits}`)}\nmethod: kexec\nkernel: kernel\n`,
    )
    if (number === 4) await writeFile(join(folder, 'data'), Buffer.alloc(300_000_000))
  }
  await writeFile(
    join(directory, 'Boottorrent.yaml'),
    `version: 1
boot: { timeout: -1 }
network: { interface: ${labNetwork.interface}, mode: dhcp, range: '${labNetwork.range.join(',')}' }
client: { shell_password: '${hash}' }
machines: [{ mac: '52:54:00:b1:08:25', default: os-00 }]
`,
  )
}
