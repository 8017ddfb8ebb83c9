/**
 * Loaders of other projects as clients of our DHCP and TFTP servers, from power-on to a program of the initrd: PXELINUX and
 * iPXE on BIOS, GRUB on UEFI.
 */
import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLan, type Lan } from '../../src/demo/vm/lan.ts'
import { stopProcess } from '../../src/demo/vm/programs.ts'
import { createTranscript } from '../../src/demo/vm/transcript.ts'
import { packInitrd } from '../../src/initrd/index.ts'
import { demoParts } from '../lab/lab.ts'
import { bootMachine, type Firmware } from '../lab/machine.ts'
import type { LoaderSettings } from './serve-loader.ts'

const run = promisify(execFile)
const server = '172.30.0.1'
const cmdline = 'console=ttyS0,115200 quiet panic=1'

/** Says what arrived; the kernel has made /dev/console by itself. */
const init = `#!/bin/busybox sh
echo "LOADED $(/bin/busybox sha256sum /payload)"
/bin/busybox poweroff -f
`

const loaders: readonly Loader[] = [
  {
    name: 'PXELINUX',
    firmware: 'bios',
    bootFile: 'pxelinux.0',
    settings: [
      'pxelinux.cfg/default',
      `DEFAULT linux\nLABEL linux\n KERNEL vmlinuz\n INITRD initrd\n APPEND ${cmdline}\n`,
    ],
    files: {
      'pxelinux.0': '/usr/lib/PXELINUX/pxelinux.0',
      'ldlinux.c32': '/usr/lib/syslinux/modules/bios/ldlinux.c32',
    },
    // It looks for the machine's own configuration first, by UUID, MAC address and IP address.
    misses: /pxelinux\.cfg\/01-52-54-00-/,
  },
  {
    name: 'iPXE',
    firmware: 'bios',
    bootFile: 'boot.ipxe',
    settings: ['boot.ipxe', `#!ipxe\nkernel vmlinuz initrd=initrd ${cmdline}\ninitrd initrd\nboot\n`],
    files: {},
  },
  {
    name: 'GRUB',
    firmware: 'uefi-x64',
    bootFile: 'grub/grub.efi',
    settings: ['grub/grub.cfg', `linux /vmlinuz ${cmdline}\ninitrd /initrd\nboot\n`],
    files: {},
    misses: /grub\/x86_64-efi\/command\.lst/,
  },
]

interface Loader {
  readonly name: string
  readonly firmware: Firmware
  readonly bootFile: string
  /** Name and text of the file that says what to load. */
  readonly settings: readonly [name: string, text: string]
  /** What else it needs. */
  readonly files: LoaderSettings['files']
  /** A file that it looks for in vain, and gets over it. */
  readonly misses?: RegExp
}

let folder: string
let common: LoaderSettings['files']
let digest: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foreign-loaders-'))
  const payload = randomBytes(1_000_003)
  digest = createHash('sha256').update(payload).digest('hex')
  const parts = packInitrd([
    { path: 'bin/busybox', mode: 0o755, content: await readFile('/bin/busybox') },
    { path: 'init', mode: 0o755, content: init },
    { path: 'payload', content: payload },
  ])
  await writeFile(join(folder, 'initrd'), parts)
  const image = join(folder, 'grub.efi')
  await run('grub-mkimage', [
    '-O',
    'x86_64-efi',
    '-o',
    image,
    '-p',
    '/grub',
    'efinet',
    'tftp',
    'normal',
    'linux',
    'configfile',
  ])
  const { kernel } = await demoParts('amd64')
  common = { vmlinuz: kernel, initrd: join(folder, 'initrd'), 'grub/grub.efi': image }
})
afterAll(() => rm(folder, { recursive: true }))

it.concurrent.each(loaders)(
  '$name loads kernel and initrd from our servers, whole',
  async (loader) => {
    const [name, text] = loader.settings
    const file = join(folder, loader.name)
    await writeFile(file, text)
    await using lan = await createLan({ address: `${server}/24` })
    const files = { ...common, ...loader.files, [name]: file }
    await using served = await serve(lan, { bootFile: loader.bootFile, files })
    const mac = `52:54:00:f0:0d:0${loaders.indexOf(loader) + 1}`
    await using machine = await bootMachine(lan, { firmware: loader.firmware, mac, memory: 384, cpu: 'max' })
    const { match } = await machine.waitFor(/LOADED (\w+)/, 240)
    expect(match[1]).toBe(digest)

    const lines = served.log.lines.map((line) => JSON.parse(line.text))
    const sent = lines.filter(({ event }) => event === 'tftp.done').map(({ file }) => file)
    expect(sent).toEqual(expect.arrayContaining([loader.bootFile, name, 'vmlinuz', 'initrd']))
    expect(lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
    const missed = lines.filter(({ event }) => event === 'tftp.refused')
    if (loader.misses !== undefined) expect(missed.some(({ file }) => loader.misses?.test(file))).toBe(true)
  },
  300_000,
)

/** The servers, running on the LAN. */
async function serve(lan: Lan, what: Pick<LoaderSettings, 'bootFile' | 'files'>) {
  const settings: LoaderSettings = {
    interface: { name: lan.interface, address: server, netmask: '255.255.255.0' },
    ...what,
  }
  const program = join(import.meta.dirname, 'serve-loader.ts')
  const child = lan.spawn(process.execPath, [program, JSON.stringify(settings)])
  const log = createTranscript('the servers')
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', (line) => log.add(line))
  }
  child.once('close', (code) => log.end(`they ended (${code})`))
  await log.waitFor(/"event":"ready"/, 30)
  return { log, [Symbol.asyncDispose]: () => stopProcess(child) }
}
