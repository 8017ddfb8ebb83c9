/**
 * Phase-1 by itself on an emulated Pentium II with 32 bits: kernel, base and drivers straight into QEMU, no boot loader.
 * Written for the gzip variant, which such a machine unpacks soonest.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { buildClient } from '../../../client/build/client.ts'
import { createProgress } from '../../../client/build/progress.ts'
import type { ClientManifest } from '../../../client/contract.ts'
import { type InitrdEntry, packInitrd } from '../../../src/initrd/index.ts'

const MINUTE = 60_000

/** How long a machine has from power-on, in milliseconds. Alone it needs about 20 s. */
const SEEN_WITHIN = 2.5 * MINUTE

let built: string
let manifest: ClientManifest
let folder: string

beforeAll(async () => {
  built = await buildClient({
    progress: createProgress((line) => process.stderr.write(`${line}\n`)),
    compression: 'gzip',
  })
  manifest = JSON.parse(await readFile(join(built, 'manifest.json'), 'utf8'))
  folder = await mkdtemp(join(tmpdir(), 'boottorrent-phase1-'))
}, 15 * MINUTE)

afterAll(() => rm(folder, { recursive: true, force: true }))

test('brings the network up and says so in lines that a program can read', { timeout: 3 * MINUTE }, async () => {
  const machine = await boot({ cmdline: 'boottorrent.server=http://192.0.2.1:8000/' })
  const { release } = manifest.kernels['686']
  await machine.see(new RegExp(`^boottorrent: phase1 kernel ${release.replaceAll('.', '\\.')} i686\\r?$`, 'm'))
  await machine.see(
    /^boottorrent: network eth0 52:54:00:00:00:02 10\.0\.2\.15\/24 server http:\/\/192\.0\.2\.1:8000\r?$/m,
  )
})

test('asks the card that the firmware booted from, not the first one', { timeout: 3 * MINUTE }, async () => {
  const machine = await boot({
    cmdline: 'BOOTIF=01-52-54-00-00-00-02',
    // Linked and silent: nobody answers DHCP there.
    cards: ['hubport,hubid=1,model=e1000,mac=52:54:00:00:00:01', 'user,model=rtl8139,mac=52:54:00:00:00:02'],
    segment: [{ path: 'boottorrent/config.json', content: '{"reportUrl":"http://192.0.2.7:8000/report"}' }],
  })
  await machine.see(/network eth\d 52:54:00:00:00:02 10\.0\.2\.15\/24 server http:\/\/192\.0\.2\.7:8000/)
  expect(machine.output()).not.toContain('network waiting')
})

test('without a network card it says so, and gives a shell to whoever wants one', { timeout: 3 * MINUTE }, async () => {
  const machine = await boot({ cards: ['none'] })
  await machine.see(/boottorrent: network waiting for a network card/)
  machine.type('s\n')
  await machine.see(/a shell; "exit" leaves it/)
  // The answer differs from what the terminal echoes.
  machine.type('echo $((6 * 7)) answers\n')
  await machine.see(/^42 answers/m)
})

test('a card without an answer to DHCP is waited for in words', { timeout: 3 * MINUTE }, async () => {
  const machine = await boot({ cards: ['hubport,hubid=1,model=e1000,mac=52:54:00:00:00:01'] })
  await machine.see(/boottorrent: network waiting for an address on eth0 \(no answer to DHCP\)/)
})

test('starts another kernel with two initrds and its command line, and says why it cannot', {
  timeout: 3 * MINUTE,
}, async () => {
  const second = await segment([
    { path: 'init', mode: 0o755, content: SECOND_INIT },
    { path: 'bin/busybox', mode: 0o755, content: await busyboxOf(manifest) },
    ...['bin', 'dev', 'proc'].map((path): InitrdEntry => ({ path, type: 'directory' })),
    { path: 'dev/console', type: 'character', device: [5, 1] },
  ])
  const extra = gzipSync(await segment([{ path: 'extra', content: 'of-the-second-initrd\n' }]))
  const machine = await boot({
    cmdline: 'rdinit=/start-second',
    segment: [
      { path: 'start-second', mode: 0o755, content: START_SECOND },
      { path: 'second', type: 'directory' },
      { path: 'second/vmlinuz', file: join(built, manifest.kernels['686'].file) },
      // Its length is no multiple of four: what comes behind it must be moved there.
      {
        path: 'second/first',
        content: Buffer.concat([gzipSync(second), Buffer.alloc(gzipSync(second).length % 4 === 0 ? 1 : 0)]),
      },
      { path: 'second/extra', content: extra },
    ],
  })
  await machine.see(/there is no file \/second\/missing.*status 1/s)
  await machine.see(/the kernel first cannot be started: .*status 1/s)
  await machine.see(/SECOND i686 of-the-second-initrd console=ttyS0,115200 quiet word="two words"/)
})

const SECOND_INIT = `#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
echo SECOND $(/bin/busybox uname -m) $(/bin/busybox cat /extra /proc/cmdline)
/bin/busybox poweroff -f
`

const START_SECOND = `#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /run/boottorrent /usr/bin /usr/sbin
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
/bin/busybox --install -s
export PATH=/bin:/sbin
boottorrent-kexec /second/vmlinuz x /second/missing; echo status $?
boottorrent-kexec /second/first x; echo status $?
boottorrent-kexec /second/vmlinuz 'console=ttyS0,115200 quiet word="two words"' /second/first /second/extra
echo status $?
exec sh
`

interface BootOptions {
  readonly cmdline?: string
  /** Values of QEMU's -nic. */
  readonly cards?: readonly string[]
  /** Files of a segment behind those of Phase-1. */
  readonly segment?: readonly InitrdEntry[]
}

let machines = 0

async function boot({
  cmdline = '',
  cards = ['user,model=rtl8139,mac=52:54:00:00:00:02'],
  segment: files = [],
}: BootOptions) {
  machines += 1
  const initrd = join(folder, `initrd-${machines}`)
  const folders = [...new Set(files.map(({ path }) => path.split('/')[0] ?? ''))].filter(
    (name) => files.some(({ path }) => path.startsWith(`${name}/`)) && !files.some(({ path }) => path === name),
  )
  const added = await segment([...folders.map((path): InitrdEntry => ({ path, type: 'directory' })), ...files])
  const parts = [manifest.segments.base, manifest.segments.drivers['686']].map((file) => readFile(join(built, file)))
  await writeFile(initrd, Buffer.concat([...(await Promise.all(parts)), added]))
  const qemu = spawn('qemu-system-x86_64', [
    ...['-accel', process.env.BOOTTORRENT_ACCEL ?? 'tcg', '-cpu', 'pentium2', '-m', '256'],
    ...['-nographic', '-vga', 'none', '-no-reboot', '-monitor', 'none', '-serial', 'stdio'],
    ...['-kernel', join(built, manifest.kernels['686'].file), '-initrd', initrd],
    ...['-append', `quiet console=tty0 console=ttyS0,115200 ${cmdline}`],
    ...cards.flatMap((card) => ['-nic', card]),
  ])
  onTestFinished(async () => {
    if (qemu.exitCode !== null || qemu.signalCode !== null) return
    qemu.kill('SIGKILL')
    await once(qemu, 'exit')
  })
  return serialOf(qemu)
}

/** The serial port of a machine. */
function serialOf(qemu: ChildProcess) {
  let output = ''
  let changed = () => {}
  const take = (chunk: Buffer) => {
    output += chunk.toString('utf8')
    changed()
  }
  qemu.stdout?.on('data', take)
  qemu.stderr?.on('data', take)
  let ended = false
  qemu.on('exit', () => {
    ended = true
    changed()
  })
  const deadline = AbortSignal.timeout(SEEN_WITHIN)
  deadline.addEventListener('abort', () => changed())
  return {
    output: () => output,
    type: (text: string) => qemu.stdin?.write(text),
    /** Waits for the text; a machine that ends before is a failure with its last words. */
    async see(pattern: RegExp): Promise<void> {
      while (!pattern.test(output)) {
        if (ended || deadline.aborted) {
          throw new Error(`${ended ? 'the machine ended' : 'time ran out'} without ${pattern}:\n${output.slice(-3000)}`)
        }
        await new Promise<void>((resolve) => {
          changed = resolve
        })
      }
    },
  }
}

/** The i386 busybox out of the base segment. */
async function busyboxOf({ segments }: ClientManifest): Promise<Buffer> {
  const input = gunzipSync(await readFile(join(built, segments.base)))
  return execFileSync('cpio', ['-i', '--quiet', '--to-stdout', 'bin/busybox'], { input, maxBuffer: 10_000_000 })
}

async function segment(entries: Iterable<InitrdEntry>): Promise<Buffer> {
  const file = join(folder, 'segment')
  await pipeline(Readable.from(packInitrd(entries)), createWriteStream(file))
  return readFile(file)
}
