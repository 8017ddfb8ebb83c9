import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ClientOs } from '../../../client/contract.ts'
import { type ClientPrograms, Phase1, payload, unpackClient } from './phase1.ts'
import { TmuxTerminal } from './terminal.ts'

const size = 3_000_000

const linux: ClientOs = {
  name: 'linux',
  displayName: 'A small Linux',
  bytes: size + 7,
  infoHash: '',
  method: 'kexec',
  initrdBytes: 0,
  signed: true,
  kernel: 'vmlinuz',
  initrds: ['initrd'],
  cmdline: 'quiet root="a b"',
}

const tool: ClientOs = {
  name: 'tool',
  displayName: 'A program',
  bytes: 100,
  infoHash: '',
  method: 'program',
  program: 'tool',
  loader: null,
  programBytes: 0,
  args: ['two words'],
}

let unpacked: string
let programs: ClientPrograms

beforeAll(async () => {
  unpacked = await mkdtemp(join(tmpdir(), 'boottorrent-client-'))
  programs = await unpackClient(unpacked)
})

afterAll(() => rm(unpacked, { recursive: true, force: true }))

describe('a whole boot, on two consoles', () => {
  test('counts down, downloads every byte from a foreign seeder, and hands over to kexec', async () => {
    await using screen = await TmuxTerminal.open()
    await using serial = await TmuxTerminal.open()
    await using phase1 = await Phase1.create()
    const kernel = payload(size)
    await phase1.addOs('linux', { vmlinuz: kernel, initrd: 'initrd\n' })
    await phase1.seed('linux')
    await phase1.configure([linux, tool], { timeout: 2, seedTime: 1 })
    phase1.start(programs, [screen.path, serial.path])

    await screen.shows(/► 1 A small Linux .* 3\.0 MB/)
    await serial.shows(/A small Linux starts in [12] s/)
    await screen.shows('‼ A small Linux: its kernel did not start (exit status 1).')
    expect(await serial.shows('not a kernel')).toContain('r try again')

    expect(await phase1.kexecWords()).toEqual([
      join(phase1.folder, 'oss/linux/vmlinuz'),
      'quiet root="a b"',
      join(phase1.folder, 'oss/linux/initrd'),
    ])
    expect((await phase1.downloaded('linux/vmlinuz')).equals(kernel)).toBe(true)

    const expected = [
      'boottorrent: menu 2 systems, default linux in 2 s',
      `boottorrent: download linux ${size + 7} bytes`,
      'boottorrent: progress linux 25%',
      'boottorrent: progress linux 50%',
      'boottorrent: progress linux 75%',
      expect.stringMatching(/^boottorrent: complete linux verified \d+ s$/),
      'boottorrent: seeding linux up to 1 s',
      'boottorrent: start linux kexec',
      'boottorrent: failed A small Linux: its kernel did not start (exit status 1).',
    ]
    expect(screen.plainLines()).toEqual(expected)
    expect(serial.plainLines()).toEqual(expected)

    // A report whose answer comes late on a busy machine is sent once more.
    const steps = phase1.reports
      .map(({ step }) => step)
      .filter((step, index, all) => step !== 'progress' && step !== all[index - 1])
    expect(steps).toEqual(['phase1', 'menu', 'download', 'complete', 'seeding', 'start', 'failed'])
    expect(new Set(phase1.reports.map(({ mac }) => mac))).toEqual(new Set(['52:54:00:12:34:56']))
    // All of this is on one address here, which is the server's.
    const total = size + 7
    const complete = phase1.reports.find(({ step }) => step === 'complete')?.progress
    expect(complete).toMatchObject({ done: total, total, fromServer: total, fromPeers: 0, pieces: 'f'.repeat(16) })
  })

  test('a console that is held up does not hold up the boot, and shows it all in the end', async () => {
    await using screen = await TmuxTerminal.open()
    await using serial = await TmuxTerminal.open()
    await using phase1 = await Phase1.create()
    await phase1.addOs('linux', { vmlinuz: payload(size), initrd: 'initrd\n' })
    await phase1.seed('linux')
    await phase1.configure([linux], { timeout: 60 })
    const tmux = serial.serverPid()
    process.kill(tmux, 'SIGSTOP')
    try {
      phase1.start(programs, [serial.path, screen.path])
      await screen.shows('A small Linux starts in')
      // Each move paints, until the terminal that nobody reads has no room left.
      for (let move = 0; move < 5; move++) screen.type('Up', 'Down')
      screen.type('Enter')
      await screen.says(/^boottorrent: failed/)
    } finally {
      process.kill(tmux, 'SIGCONT')
    }
    await serial.says(/^boottorrent: failed/)
    expect(serial.plainLines()).toEqual(screen.plainLines())
    await serial.shows('its kernel did not start')
  })
})

describe('the menu', () => {
  test('takes keys from each console, and any of them stops the countdown', async () => {
    await using screen = await TmuxTerminal.open()
    await using serial = await TmuxTerminal.open()
    await using phase1 = await Phase1.create()
    await phase1.configure([linux, tool], { timeout: 60 })
    phase1.start(programs, [screen.path, serial.path])
    await screen.shows('A small Linux starts in')
    serial.type('C-c')
    await screen.shows('Press Enter to start A small Linux.')
    screen.type('Down')
    await serial.shows(/► 2 A program/)
    serial.type('1')
    await screen.shows(/► 1 A small Linux/)
  })

  test('of forty systems scrolls, with long and wide names, on 80 × 25 and on a serial line of another size', async () => {
    await using screen = await TmuxTerminal.open(80, 25)
    await using serial = await TmuxTerminal.open(80, 24)
    await using phase1 = await Phase1.create()
    const names = ['教室のパソコン 一年生', 'Ubuntu '.repeat(30), 'Ärzteschule', '한국어 교실']
    const oss = Array.from({ length: 40 }, (_, number) => ({
      ...linux,
      name: `os-${number}`,
      displayName: names[number] ?? `System ${number + 1}`,
    }))
    await phase1.configure(oss)
    phase1.start(programs, [screen.path, serial.path])
    const first = await screen.shows('教室のパソコン 一年生')
    expect(first).toMatch(/教室のパソコン 一年生 \(default\) +3\.0 MB +3\.0 MB/)
    expect(first).toMatch(/Ubuntu Ubuntu.*> +3\.0 MB +3\.0 MB/)
    // The sizes stand below each other, whatever the names are made of: a wide character takes two columns.
    const widths = first.split('\n').filter((line) => line.includes('3.0 MB'))
    expect(new Set(widths.map(columnsOf)).size, widths.join('\n')).toBe(1)
    screen.type('PPage', 'End')
    const last = await serial.shows(/► +System 40/)
    expect(last).toContain('↑')
    expect(last).toContain('Press Enter to start System 40.')
    screen.type('PPage')
    await serial.shows(/► +System 31/)
    serial.type('Home')
    await screen.shows(/► 1 教室/)
  })

  test('shows machine and server on i', async () => {
    await using screen = await TmuxTerminal.open()
    await using phase1 = await Phase1.create()
    await phase1.configure([linux])
    phase1.start(programs, [screen.path])
    await screen.shows('A small Linux')
    screen.type('i')
    const details = await screen.shows('The server')
    expect(details).toMatch(/Network +pc-07, 192\.0\.2\.23, 52:54:00:12:34:56/)
    expect(details).toMatch(/Rule +none for this machine/)
    screen.type('i')
    await screen.shows(/► 1 A small Linux/)
  })

  test('restarts the machine after x and r, and not after x and anything else', async () => {
    await using screen = await TmuxTerminal.open()
    await using phase1 = await Phase1.create()
    await phase1.configure([linux])
    phase1.start(programs, [screen.path])
    await screen.shows('A small Linux')
    screen.type('x')
    await screen.shows('Restart this machine, or switch it off?')
    screen.type('Enter')
    await screen.shows(/► 1 A small Linux/)
    screen.type('x')
    await screen.shows('Restart this machine')
    screen.type('r')
    await screen.shows('This machine could not restart (exit status 1).')
    expect(await phase1.powerWord()).toBe('restart')
  })

  test('stands in the middle of a large screen', async () => {
    await using screen = await TmuxTerminal.open(128, 48)
    await using phase1 = await Phase1.create()
    await phase1.configure([linux])
    phase1.start(programs, [screen.path])
    await screen.says(/^boottorrent: menu/)
    const rows = (await screen.shows('A small Linux')).split('\n')
    expect(rows[8]).toMatch(/^ {26}boottorrent \d/)
    expect(rows[46]).toMatch(/^boottorrent: menu/)
  })
})

describe('a shell', () => {
  test('opens on the console that asked, with Ctrl+C working in it; the other console goes on', async () => {
    await using screen = await TmuxTerminal.open()
    await using serial = await TmuxTerminal.open()
    await using phase1 = await Phase1.create()
    await phase1.configure([linux, tool], { timeout: 60 })
    phase1.start(programs, [screen.path, serial.path])
    await screen.shows('A small Linux starts in')
    serial.type('C-s')
    await serial.shows(/A shell of Phase-1.*\n[#$]$/m)
    serial.type('tty; sleep 1000', 'Enter')
    await serial.shows(new RegExp(`^${serial.path}$`, 'm'))
    serial.type('C-c')
    serial.type('echo still $((20 + 3))', 'Enter')
    await serial.shows(/^still 23$/m)
    screen.type('Down')
    await screen.shows(/► 2 A program/)
    expect(serial.screen()).not.toContain('A program')
    serial.type('exit', 'Enter')
    await serial.shows(/► 2 A program/)
    serial.type('Up')
    await screen.shows(/► 1 A small Linux/)
  })
})

describe('a program', () => {
  test('runs on the console in cooked mode; how it ended is shown, then the menu', async () => {
    await using screen = await TmuxTerminal.open()
    await using phase1 = await Phase1.create()
    const script = '#!/bin/sh\necho "say $1:"\nread answer\necho "you said $answer"\nread again\nexit 3\n'
    await phase1.addOs('tool', { tool: script })
    await phase1.seed('tool')
    await phase1.configure([tool], { timeout: 0 })
    phase1.start(programs, [screen.path])
    await screen.shows('say two words:')
    screen.type('yes', 'Enter')
    await screen.shows('you said yes')
    screen.type('Enter')
    await screen.shows('A program has ended: exit status 3.')
    screen.type('x')
    await screen.shows(/► 1 A program/)
    expect(screen.plainLines()).toContain('boottorrent: start tool program')
  })
})

describe('a terminal', () => {
  test('that one Ctrl+S would stop takes what /init says, once it is prepared', async () => {
    await using screen = await TmuxTerminal.open()
    const stopped = `. ./console.sh; CONSOLES=${screen.path}; `
    runInRootfs(`${stopped} stty -F ${screen.path} ixon`)
    screen.type('C-s')
    runInRootfs(`${stopped} PATIENCE=1; say this is lost; prepare_console ${screen.path}; say the first`)
    screen.type('C-s')
    runInRootfs(`${stopped} say the second`)
    expect(await screen.shows('boottorrent: the second')).toContain('boottorrent: the first')
  })

  test('is not stopped by a Ctrl+S too many after the shell has opened', async () => {
    await using screen = await TmuxTerminal.open()
    await using phase1 = await Phase1.create()
    await phase1.configure([linux])
    phase1.start(programs, [screen.path])
    await screen.shows('A small Linux')
    screen.type('C-s')
    await screen.shows(/A shell of Phase-1.*\n[#$]$/m)
    screen.type('C-s')
    screen.type('Enter')
    screen.type('stty -a', 'Enter')
    expect(await screen.shows(/ -ixon\b/)).toMatch(/-ixon/)
  })
})

/** Runs a piece of a script as /init's own, with busybox alone. */
function runInRootfs(script: string): void {
  const bin = join(unpacked, 'busybox-bin')
  if (!existsSync(bin)) {
    mkdirSync(bin)
    execFileSync('busybox', ['--install', '-s', bin])
  }
  const cwd = join(import.meta.dirname, '../../../client/rootfs/lib/boottorrent')
  execFileSync(join(bin, 'sh'), ['-c', script], { cwd, env: { PATH: bin }, timeout: 20_000, stdio: 'ignore' })
}

describe('failures never end in a dead screen', () => {
  test('no configuration: says so, and offers a shell', async () => {
    await using screen = await TmuxTerminal.open()
    await using phase1 = await Phase1.create()
    phase1.start(programs, [screen.path])
    await screen.shows(/‼ The configuration \S+ is missing\./)
    expect(screen.plainLines()[0]).toMatch(/^boottorrent: failed The configuration/)
    screen.type('s')
    await screen.shows('A shell of Phase-1.')
  })

  test('no aria2: says so; r tries again, m goes back to the menu', async () => {
    await using screen = await TmuxTerminal.open()
    await using phase1 = await Phase1.create()
    await phase1.addOs('linux', { vmlinuz: 'x', initrd: 'y' })
    await phase1.configure([linux], { timeout: 0 })
    phase1.start(programs, [screen.path], { BT_ARIA2C: '/nonexistent/aria2c' })
    await screen.shows('‼ The download program aria2 ended with code 127.')
    expect(screen.screen()).toContain('No such file or directory')
    screen.type('r')
    await screen.says(/^boottorrent: failed/, 2)
    screen.type('m')
    await screen.shows(/► 1 A small Linux/)
  })

  test('a menu that was killed: the next one empties the memory it filled', async () => {
    await using screen = await TmuxTerminal.open()
    await using phase1 = await Phase1.create()
    await phase1.addOs('linux', { vmlinuz: 'x', initrd: 'y' })
    await phase1.configure([linux], { timeout: 0 })
    const left = join(phase1.folder, 'oss/another/large')
    await mkdir(join(left, '..'))
    await writeFile(left, 'what another menu had downloaded')
    phase1.start(programs, [screen.path], { BT_ARIA2C: '/nonexistent/aria2c' })
    await screen.says(/^boottorrent: failed/)
    expect(existsSync(left)).toBe(false)
  })

  test('a terminal that is not there, and nothing else: goes on without', async () => {
    await using screen = await TmuxTerminal.open()
    await using phase1 = await Phase1.create()
    await phase1.configure([linux])
    phase1.start(programs, ['/dev/nonexistent', screen.path])
    await screen.shows(/► 1 A small Linux/)
  })

  test('a download that broke off goes on where it was: what is here is kept, and not fetched again', async () => {
    await using screen = await TmuxTerminal.open()
    await using phase1 = await Phase1.create()
    const kernel = payload(size)
    await phase1.addOs('linux', { vmlinuz: kernel, initrd: 'initrd\n' })
    await phase1.seed('linux', '--max-overall-upload-limit=500K')
    await phase1.configure([linux], { timeout: 0 })
    await phase1.writeProgram('aria2c', `${programs.aria2c} "$@" & echo $! > "$0.pid"; wait $!`)
    phase1.start(programs, [screen.path], { BT_ARIA2C: join(phase1.folder, 'aria2c') })
    await screen.says(/^boottorrent: progress linux 50%/)
    process.kill(await phase1.pidOf('aria2c'), 'SIGKILL')
    await screen.shows('‼ The download program aria2 ended with code 137.')
    screen.type('r')
    await screen.says(/^boottorrent: complete linux/)
    expect((await phase1.downloaded('linux/vmlinuz')).equals(kernel)).toBe(true)
    const { progress: complete } = await phase1.report('complete')
    expect(complete?.done).toBe(size + 7)
    expect(complete?.fromServer).toBeLessThan(0.6 * size)
  })

  test('a server that answers without end fills no memory: the connection is closed after its first bytes', async () => {
    await using screen = await TmuxTerminal.open()
    await using phase1 = await Phase1.create()
    await phase1.configure([linux])
    await using server = await endlessServer(64 * 1024 * 1024)
    phase1.start(programs, [screen.path], { BT_SERVER: server.url })
    expect(await server.sentUntilClosed).toBeLessThan(64 * 1024 * 1024)
    await screen.shows(/► 1 A small Linux/)
  })

  test('aria2 is killed during the download: says so', async () => {
    await using screen = await TmuxTerminal.open()
    await using phase1 = await Phase1.create()
    await phase1.addOs('linux', { vmlinuz: payload(size), initrd: 'initrd\n' })
    await phase1.configure([linux], { timeout: 0 })
    await phase1.writeProgram('aria2c', `${programs.aria2c} "$@" & echo $! > "$0.pid"; wait $!`)
    phase1.start(programs, [screen.path], { BT_ARIA2C: join(phase1.folder, 'aria2c') })
    await screen.says(/^boottorrent: download/)
    process.kill(await phase1.pidOf('aria2c'), 'SIGKILL')
    await screen.shows('‼ The download program aria2 ended with code 137.')
  })
})

/** Answers each connection with that many bytes, and never closes it. What the kernel keeps on its way counts as sent. */
async function endlessServer(bytes: number) {
  let tell = (_sent: number) => {}
  const sentUntilClosed = new Promise<number>((resolve) => {
    tell = resolve
  })
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    const chunk = Buffer.alloc(65_536, ' ')
    let sent = 0
    const send = () => {
      do sent += chunk.length
      while (sent < bytes && socket.write(chunk))
    }
    socket.on('drain', send)
    socket.on('error', () => {})
    socket.on('close', () => tell(sent))
    socket.resume()
    send()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { url: `http://127.0.0.1:${port}`, sentUntilClosed, [Symbol.asyncDispose]: async () => close() }
}

/** How many columns a line takes in a terminal. */
function columnsOf(line: string): number {
  return [...line.trimEnd()].reduce(
    (sum, character) => sum + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uff00-\uff60]/.test(character) ? 2 : 1),
    0,
  )
}
