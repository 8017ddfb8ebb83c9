/** A program that is linked dynamically, from the menu to its end, on a machine and an aria2 that tests play. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { ClientHypervisor, ClientOs } from '../../../client/contract.ts'
import { Journal } from '../../../client/tui/journal.ts'
import { menuEntries } from '../../../client/tui/menu-entries.ts'
import { Reporter } from '../../../client/tui/reporter.ts'
import { Session } from '../../../client/tui/session.ts'
import { readSettings } from '../../../client/tui/settings.ts'
import { FakeAria2 } from './fake-aria2.ts'
import { FakeSystem } from './fake-system.ts'
import { configuration, tool } from './fixtures.ts'

const vga = '/dev/tty1'
const program = '/run/boottorrent/oss/tool/bin/tool'

const wide: ClientHypervisor = {
  name: 'hypervisor-amd64',
  kernels: ['6.1.0-50-amd64'],
  bytes: 26_000_000,
  infoHash: '0123456789abcdef0123456789abcdef0123456b',
}
const narrow: ClientHypervisor = {
  name: 'hypervisor-i386',
  kernels: ['6.1.0-50-686', '6.1.0-50-686-pae'],
  bytes: 28_000_000,
  infoHash: '0123456789abcdef0123456789abcdef0123456c',
}

let system: FakeSystem
/** What the loader says of the program, and its exit status. */
let loader: { says: string[]; code: number }
/** Exit status of `start open`. */
let opened: number

beforeEach(() => {
  system = new FakeSystem()
  new FakeAria2(system).complete()
  for (const name of ['torrents/tool', 'hypervisors/hypervisor-amd64', 'hypervisors/hypervisor-i386']) {
    system.files.set(`/boottorrent/${name}.torrent`, '')
  }
  loader = { says: ['\tlibc.so.6 => /lib/i386-linux-gnu/libc.so.6 (0xb7d00000)'], code: 0 }
  opened = 0
  const others = system.onSpawn
  system.onSpawn = (child) => {
    const { words } = child.command
    if (words[1]?.endsWith('/start')) return child.end({ code: words[2] === 'open' ? opened : 0 })
    if (!words.some((word) => word.includes('--list'))) return others(child)
    for (const line of loader.says) child.say(line)
    child.end({ code: loader.code })
  }
})

/** Starts the program on a machine with this kernel. */
async function started(release: string, named: string | null, hypervisors = [wide, narrow]) {
  system.files.set('/proc/sys/kernel/osrelease', `${release}\n`)
  const os = { ...tool, loader: named } as ClientOs
  const port = {
    first: vga,
    lend: () => true,
    takeBack: () => {},
    release: () => {},
    settled: async () => {},
  }
  const journal = new Journal(() => {}, new Reporter(system, '', { mac: '' }))
  const surroundings = { system, journal, settings: readSettings(system), consoles: port }
  const session = new Session(
    surroundings,
    { ...configuration, oss: [os], hypervisors, defaultOs: os.name, timeout: 0 },
    () => {},
    () => {},
  )
  session.begin()
  await system.pass(10_000)
  return session
}

/** What was run, aria2 left out: the hypervisor's actions, the loader's look, the copy of the program, the program. */
function steps() {
  return system.children.flatMap(({ command: { words } }) => {
    if (words[1]?.endsWith('/start')) return [words.slice(2).join(' ')]
    if (words.some((word) => word.includes('--list'))) return ['look']
    if (!words.includes(program)) return []
    return words[2]?.startsWith('cp ') ? ['copy'] : ['program']
  })
}

function downloads() {
  return system.children.flatMap(({ command: { words } }) => {
    const torrent = words.find((word) => word.startsWith('--torrent-file='))
    return torrent === undefined ? [] : [torrent.replace('--torrent-file=/boottorrent/', '')]
  })
}

describe('a program that is linked dynamically', () => {
  test.each([
    ['6.1.0-50-686', '/lib/ld-linux.so.2', 'hypervisor-i386'],
    ['6.1.0-50-686-pae', '/lib/ld-linux.so.2', 'hypervisor-i386'],
    ['6.1.0-50-amd64', '/lib64/ld-linux-x86-64.so.2', 'hypervisor-amd64'],
  ])('with the kernel %s and the loader %s: runs with the libraries of %s', async (release, named, hypervisor) => {
    const session = await started(release, named)
    expect(downloads()).toEqual([`hypervisors/${hypervisor}.torrent`, 'torrents/tool.torrent'])
    expect(steps()).toEqual(['open libraries', 'look', 'copy', 'program', 'close'])
    expect(session.state).toMatchObject({ screen: 'ended', result: 'exit status 0' })
  })

  test('counts with its libraries in the menu, where a static one counts alone', () => {
    system.files.set('/proc/sys/kernel/osrelease', '6.1.0-50-686\n')
    const oss = [{ ...tool, name: 'dynamic', loader: '/lib/ld-linux.so.2' } as ClientOs, tool]
    const surroundings = { system, settings: readSettings(system) }
    const entries = menuEntries(surroundings, { ...configuration, oss, hypervisors: [wide, narrow] }, undefined)
    expect(entries.map(({ need }) => need)).toEqual([28_001_000, 1000])
  })

  test.each([
    [
      127,
      ' (exit status 127)',
      'tool: error while loading shared libraries: libfoo.so.1: cannot open shared object file',
    ],
    [0, '', "tool: /lib/i386-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by tool)"],
  ])(
    'is not started when a library is missing or too old (status %i): the words of the loader are shown',
    async (code, status, line) => {
      loader = { says: [line, '\tlibc.so.6 => /lib/i386-linux-gnu/libc.so.6 (0xb7d00000)'], code }
      const session = await started('6.1.0-50-686', '/lib/ld-linux.so.2')
      expect(steps()).toEqual(['open libraries', 'look', 'close'])
      expect(session.state).toMatchObject({
        screen: 'failure',
        failure: {
          message: `Inventory tool: bin/tool cannot be loaded with the libraries that are here${status}.`,
          todo: 'Link it statically, or put the library that it wants into the folder beside it.',
          details: [line],
        },
      })
    },
  )

  test('is not started when the libraries cannot be mounted, and nothing is left behind', async () => {
    opened = 1
    const session = await started('6.1.0-50-686', '/lib/ld-linux.so.2')
    expect(session.state).toMatchObject({
      screen: 'failure',
      failure: { message: 'Shared libraries cannot be used here (exit status 1).' },
    })
    expect(steps()).toEqual(['open libraries', 'close'])
  })

  test.each([
    [
      '6.1.0-50-amd64',
      '/lib/ld-linux.so.2',
      'Inventory tool: bin/tool needs 32-bit shared libraries; this machine runs the kernel 6.1.0-50-amd64, which has 64-bit ones.',
    ],
    [
      '6.1.0-50-686',
      '/lib64/ld-linux-x86-64.so.2',
      'Inventory tool: bin/tool is a 64-bit program; this machine runs the kernel 6.1.0-50-686.',
    ],
    [
      '6.1.0-50-686',
      '/lib/ld-musl-i386.so.1',
      'Inventory tool: bin/tool needs /lib/ld-musl-i386.so.1, which no machine has.',
    ],
    [
      '6.1.0-51-686',
      '/lib/ld-linux.so.2',
      'Inventory tool needs shared libraries, and the server has none for the kernel 6.1.0-51-686.',
    ],
  ])(
    'with the kernel %s and the loader %s is refused before anything is downloaded',
    async (release, named, message) => {
      const session = await started(release, named)
      expect(session.state).toMatchObject({ screen: 'failure', failure: { message } })
      expect(system.children).toEqual([])
    },
  )

  test('does not fit where there is room for the program alone: says so with both figures', async () => {
    system.free = 20_000_000
    const session = await started('6.1.0-50-686', '/lib/ld-linux.so.2')
    expect(session.state).toMatchObject({
      screen: 'failure',
      failure: {
        details: [
          'Inventory tool needs, with shared libraries and the copy of its program for the start, 28.0 MB; there is room for 20.0 MB.',
        ],
      },
    })
    expect(downloads()).toEqual([])
  })
})

test('a static program needs no libraries', async () => {
  system.free = 20_000_000
  const session = await started('6.1.0-50-686', null)
  expect(downloads()).toEqual(['torrents/tool.torrent'])
  expect(steps()).toEqual(['copy', 'program'])
  expect(session.state.screen).toBe('ended')
})
