/** A system of the method `qemu`, from the menu to its end, on a machine and an aria2 that tests play. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { ClientHypervisor, ClientOs } from '../../../client/contract.ts'
import { Journal } from '../../../client/tui/journal.ts'
import { Reporter } from '../../../client/tui/reporter.ts'
import { Session } from '../../../client/tui/session.ts'
import { readSettings } from '../../../client/tui/settings.ts'
import { FakeAria2 } from './fake-aria2.ts'
import { type FakeChild, FakeSystem } from './fake-system.ts'
import { configuration, debian } from './fixtures.ts'

const vga = '/dev/tty1'
const start = '/run/boottorrent/hypervisor/hypervisor-amd64/start'

const rescue: ClientOs = {
  name: 'rescue',
  displayName: 'Rescue disc',
  bytes: 5_000_000,
  infoHash: '0123456789abcdef0123456789abcdef0123456a',
  method: 'qemu',
  args: ['-cdrom', 'rescue.iso'],
}

const hypervisor: ClientHypervisor = {
  name: 'hypervisor-amd64',
  kernels: ['6.1.0-49-amd64', '6.1.0-50-amd64'],
  bytes: 26_000_000,
  infoHash: '0123456789abcdef0123456789abcdef0123456b',
}

let system: FakeSystem
let aria2: FakeAria2
let lines: string[]
let consoles: string[]
/** QEMU, while it runs. */
let qemu: FakeChild | undefined
/** What `start open` prints. */
let opened: string[]

beforeEach(() => {
  system = new FakeSystem()
  aria2 = new FakeAria2(system)
  aria2.complete()
  system.files.set('/boottorrent/torrents/rescue.torrent', '')
  system.files.set('/boottorrent/torrents/debian.torrent', '')
  system.files.set('/boottorrent/hypervisors/hypervisor-amd64.torrent', '')
  system.files.set('/proc/sys/kernel/osrelease', '6.1.0-50-amd64\n')
  system.files.set('/proc/meminfo', 'MemTotal: 2000000 kB\nMemAvailable:    1048576 kB\n')
  lines = []
  consoles = []
  qemu = undefined
  opened = ['screen', 'no kvm: a trial with it failed']
  const others = system.onSpawn
  system.onSpawn = (child) => {
    const [, program, action] = child.command.words
    if (program !== start) return others(child)
    if (action === 'run') qemu = child
    else {
      if (action === 'open') for (const line of opened) child.say(line)
      child.end({ code: opened.length > 0 ? 0 : 1 })
    }
  }
})

function begin(os: ClientOs = rescue, hypervisors = [hypervisor]) {
  const port = {
    first: vga,
    lend: (path: string) => consoles.push(`lend ${path}`) > 0,
    takeBack: (path: string) => void consoles.push(`take back ${path}`),
    release: () => {},
    settled: async () => {},
  }
  const journal = new Journal((line) => lines.push(line), new Reporter(system, '', { mac: '' }))
  const surroundings = { system, journal, settings: readSettings(system), consoles: port }
  const oss = [os, debian]
  const session = new Session(
    surroundings,
    { ...configuration, oss, hypervisors, defaultOs: os.name, timeout: 0 },
    () => {},
    () => {},
  )
  session.begin()
  return session
}

/** The programs that ran, aria2 left out, by what the hypervisor's start was called with. */
function actions() {
  return system.children.flatMap(({ command: { words } }) => (words[1] === start ? [words[2]] : []))
}

function downloads() {
  return system.children.flatMap(({ command: { words } }) => {
    const torrent = words.find((word) => word.startsWith('--torrent-file='))
    return torrent === undefined ? [] : [torrent.replace('--torrent-file=/boottorrent/', '')]
  })
}

describe('a system in QEMU', () => {
  test('is downloaded with the hypervisor of this kernel, runs in its own folder, and both are seeded meanwhile', async () => {
    const session = begin()
    await system.pass(5000)
    expect(downloads()).toEqual(['hypervisors/hypervisor-amd64.torrent', 'torrents/rescue.torrent'])
    expect(session.state.screen).toBe('running')
    const words = qemu?.command.words ?? []
    expect(words.slice(2, 5)).toEqual(['run', 'screen', '/run/boottorrent/oss/rescue'])
    expect(words.slice(-2)).toEqual(['-cdrom', 'rescue.iso'])
    const seeding = system.children.filter(({ command }) => command.words[0]?.endsWith('aria2c'))
    expect(seeding.map((child) => child.hasEnded)).toEqual([false, false])
    expect(lines).toContain('boottorrent: hypervisor rescue on the screen, in software, no kvm: a trial with it failed')
  })

  test('ends with its status and its last words, everything is taken back, and any key shows the menu', async () => {
    const session = begin()
    await system.pass(5000)
    qemu?.say('qemu-system-x86_64: -cdrom rescue.iso: no such thing')
    qemu?.end({ code: 1 })
    await system.pass(5000)
    expect(session.state).toMatchObject({
      screen: 'ended',
      result: 'exit status 1',
      details: ['qemu-system-x86_64: -cdrom rescue.iso: no such thing'],
    })
    expect(actions()).toEqual(['open', 'run', 'close'])
    session.press({ key: 'enter' }, vga)
    expect(session.state.screen).toBe('menu')
  })

  test('is ended by q on any console', async () => {
    const session = begin()
    await system.pass(5000)
    session.press({ key: 'text', text: 'q' }, '/dev/ttyS0')
    await system.pass(5000)
    expect(qemu?.signals).toEqual(['TERM'])
    expect(session.state).toMatchObject({ screen: 'ended', result: 'ended by signal 15' })
  })

  test('is ended at once when q was pressed while its screen was prepared, and by force when it does not listen', async () => {
    const others = system.onSpawn
    let preparing: FakeChild | undefined
    system.onSpawn = (child) => {
      if (child.command.words[2] === 'open') preparing = child
      else {
        others(child)
        if (child === qemu) child.isDeaf = true
      }
    }
    const session = begin()
    await system.pass(5000)
    session.press({ key: 'text', text: 'q' }, vga)
    preparing?.say('screen')
    preparing?.end({ code: 0 })
    await system.pass(1000)
    expect(qemu?.signals).toEqual(['TERM'])
    session.press({ key: 'text', text: 'q' }, vga)
    await system.pass(5000)
    expect(qemu?.signals).toEqual(['TERM', 'KILL'])
    expect(session.state).toMatchObject({ screen: 'ended', result: 'ended by signal 9' })
  })

  test('without a screen it gets the first console as its terminal, and what it said is shown afterwards', async () => {
    opened = ['no screen: no screens found', 'kvm']
    const session = begin()
    await system.pass(5000)
    expect(session.state).toMatchObject({ screen: 'running', remarks: ['no screen: no screens found'] })
    expect(qemu?.command.terminal).toBe(vga)
    expect(qemu?.command.words).toEqual(expect.arrayContaining(['terminal', 'curses', 'kvm']))
    system.files.set('/run/boottorrent/hypervisor.state/qemu.log', 'first\nlast words\n')
    qemu?.end({ code: 0 })
    await system.pass(5000)
    expect(consoles).toEqual([`lend ${vga}`, `take back ${vga}`])
    expect(session.state).toMatchObject({ screen: 'ended', details: ['first', 'last words'] })
  })

  test('that chooses its display by itself gets no Xorg', async () => {
    begin({ ...rescue, args: ['-nographic'] })
    await system.pass(5000)
    const open = system.children.find(({ command }) => command.words[2] === 'open')
    expect(open?.command.words.at(-1)).toBe('none')
  })

  test('whose hypervisor cannot be opened is a failure with its words, and nothing is left behind', async () => {
    opened = []
    const session = begin()
    await system.pass(10_000)
    expect(session.state).toMatchObject({
      screen: 'failure',
      failure: { message: 'QEMU cannot be used here (exit status 1).' },
    })
    expect(actions()).toEqual(['open', 'close'])
    expect(system.children.filter((child) => !child.hasEnded)).toEqual([])
  })

  test('is refused before anything is downloaded when there is no hypervisor for this kernel', async () => {
    const session = begin(rescue, [{ ...hypervisor, kernels: ['6.1.0-51-amd64'] }])
    await system.pass(5000)
    expect(session.state).toMatchObject({
      screen: 'failure',
      failure: { message: 'Rescue disc needs QEMU, and the server has none for the kernel 6.1.0-50-amd64.' },
    })
    expect(system.children).toEqual([])
  })

  test('that does not fit is refused before anything is downloaded, with both figures', async () => {
    const session = begin({ ...rescue, args: ['-m', '2G', '-cdrom', 'rescue.iso'] })
    await system.pass(5000)
    expect(session.state).toMatchObject({
      screen: 'failure',
      failure: { details: ['Rescue disc in QEMU needs 2.3 GB; there is room for 1.1 GB.'] },
    })
    expect(downloads()).toEqual([])
  })

  test('started once more is there already; another system makes its memory free', async () => {
    const session = begin()
    await system.pass(5000)
    qemu?.end({ code: 0 })
    await system.pass(5000)
    const removals = () => system.children.filter(({ command }) => command.words.join(' ').includes('rm -rf'))
    expect(removals()).toHaveLength(1)
    session.press({ key: 'enter' }, vga)
    session.press({ key: 'enter' }, vga)
    await system.pass(5000)
    expect(session.state.screen).toBe('running')
    expect(removals()).toHaveLength(1)
    qemu?.end({ code: 0 })
    await system.pass(5000)
    session.press({ key: 'enter' }, vga)
    session.press({ key: 'down' }, vga)
    session.press({ key: 'enter' }, vga)
    await system.pass(5000)
    expect(removals().at(-1)?.command.words).toContain('/run/boottorrent/hypervisor')
  })
})
