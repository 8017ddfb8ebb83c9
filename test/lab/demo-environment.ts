import { createCipheriv, createHash } from 'node:crypto'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packInitrd } from '../../src/initrd/index.ts'

/** What the demo system is made from; both files come out of the built client. */
export interface DemoParts {
  /** Path of a Linux kernel for PCs. */
  readonly kernel: string
  /** Path of an initrd segment with busybox, in any compression the kernel knows. */
  readonly base: string
}

export type DemoOptions = Options2018 | OptionsVersion1

/** As the Python program of that year wrote environments: a fixture, unchanged, so nothing about it can be chosen. */
export interface Options2018 {
  readonly style: '2018'
}

/** As we write them. */
export interface OptionsVersion1 {
  readonly style: 'version1'
  /** The interface and address that serve. */
  readonly interface: string
  readonly address: string
  /** First and last address to give away. */
  readonly range: readonly [string, string]
  /** Bytes of noise inside the initrd, so that there is something to download. */
  readonly payloadBytes?: number
  /** Seconds the menu waits. */
  readonly timeout?: number
  /** Rules for single machines, as YAML: what stands behind `machines:`. */
  readonly machines?: string
  /** Whether the demo system ends in a shell instead of switching the machine off. */
  readonly prompt?: boolean
}

/** The demo system's first words on the consoles, once it runs. */
export const demoMarker = 'BOOTTORRENT-DEMO booted, command line:'
/** Said when every downloaded byte of the payload is as it was packed. */
export const demoIntact = 'BOOTTORRENT-DEMO payload intact'

const defaultPayload = 16 * 1024 * 1024

const fixture2018 = join(import.meta.dirname, '../fixtures/environments/2018-boot')

/** The files of the environment that say what it is: all that a person writes. */
const settingsFile = 'Boottorrent.yaml'
const systemFile = join('oss', 'demo', 'config.yaml')

/**
 * Writes an environment with one tiny operating system, `oss/demo`: the client's own kernel, and an initrd with busybox
 * that shows its command line, checks its payload and switches the machine off.
 */
export async function writeDemoEnvironment(directory: string, parts: DemoParts, options: DemoOptions): Promise<void> {
  const os = join(directory, 'oss', 'demo')
  await mkdir(os, { recursive: true })
  if (options.style === '2018') {
    for (const file of [settingsFile, systemFile]) await copyFile(join(fixture2018, file), join(directory, file))
  } else {
    await writeFile(join(directory, settingsFile), settingsVersion1(options))
    await writeFile(join(directory, systemFile), systemVersion1(options))
  }
  const payloadBytes = options.style === '2018' ? defaultPayload : (options.payloadBytes ?? defaultPayload)
  await copyFile(parts.kernel, join(os, 'vmlinuz'))
  await writeFile(join(os, 'initrd.img'), await demoInitrd(parts.base, payloadBytes))
}

function systemVersion1({ prompt = false }: OptionsVersion1): string {
  const words = ['console=tty0', 'console=ttyS0,115200', 'quiet', 'greeting=hello-from-config-yaml']
  return `dispname: Demo system
method: kexec
kernel: vmlinuz
initrd: initrd.img
cmdline: ${[...words, ...(prompt ? ['demo.prompt'] : [])].join(' ')}
`
}

function settingsVersion1({ interface: name, address, range, timeout = 3, machines = '[]' }: OptionsVersion1): string {
  return `version: 1

boot:
  default: demo
  timeout: ${timeout}
  seed_time: 1

network:
  interface: ${name}
  host_ip: ${address}
  mode: dhcp
  range: ${range.join(',')}

machines: ${machines}
`
}

/**
 * The initrd of the demo system, with this many bytes of noise in it.
 *
 * Phase-1's base segment gives busybox; our own archive behind it brings another /init, which replaces Phase-1's.
 */
export async function demoInitrd(base: string, payloadBytes: number): Promise<Uint8Array> {
  const payload = noise(payloadBytes)
  const digest = createHash('sha256').update(payload).digest('hex')
  const own = packInitrd([
    { path: 'init', mode: 0o755, content: demoInit },
    { path: 'payload', content: payload },
    { path: 'payload.sha256', content: `${digest}  payload\n` },
  ])
  const parts: Uint8Array[] = [aligned(await readFile(base))]
  for await (const part of own) parts.push(part)
  return Buffer.concat(parts)
}

/** The kernel expects the next archive at a multiple of 4 bytes (initramfs buffer format). */
function aligned(segment: Uint8Array): Uint8Array {
  return Buffer.concat([segment, new Uint8Array((4 - (segment.length % 4)) % 4)])
}

/** Bytes that no compression makes smaller, and that are the same each time. */
function noise(length: number): Uint8Array {
  return createCipheriv('aes-128-ctr', new Uint8Array(16), new Uint8Array(16)).update(new Uint8Array(length))
}

/** Speaks to /dev/console: that is the serial port, which the command line names last. */
const demoInit = `#!/bin/busybox sh
bb=/bin/busybox
$bb mkdir -p /proc /sys /dev
$bb mount -t proc proc /proc
$bb mount -t sysfs sysfs /sys
$bb mount -t devtmpfs devtmpfs /dev 2>/dev/null
exec </dev/console >/dev/console 2>&1
say() {
  echo "BOOTTORRENT-DEMO $*"
  echo "BOOTTORRENT-DEMO $*" >/dev/tty0
}
echo
say "booted, command line: $($bb cat /proc/cmdline)"
say "kernel $($bb uname -r) $($bb uname -m), up $($bb cut -d' ' -f1 /proc/uptime) s, $($bb awk '/MemTotal/ { print int($2 / 1024) }' /proc/meminfo) MB of memory"
cd /
if $bb sha256sum -cs payload.sha256; then
  say "payload intact, $($bb stat -c %s payload) bytes"
else
  say "payload DAMAGED"
fi
if $bb grep -qw demo.prompt /proc/cmdline; then
  say "a shell; poweroff -f ends it"
  while :; do $bb setsid -c $bb sh -l; done
fi
say "switching off"
$bb poweroff -f
`
