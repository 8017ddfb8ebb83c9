import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { BoottorrentError } from '../../src/errors.ts'
import { type Firmware, firmwareArguments } from './firmware.ts'
import { type Lan, stopProcess } from './namespace.ts'
import { listenForQmp, type Qmp } from './qmp.ts'
import { serialInto } from './serial.ts'
import { createTranscript, type Transcript } from './transcript.ts'

export type { Firmware } from './firmware.ts'

export interface MachineOptions {
  readonly firmware: Firmware
  /** As `52:54:00:12:34:56`. */
  readonly mac: string
  /** In MiB. */
  readonly memory?: number
  /** QEMU's name of the network card. */
  readonly network?: 'virtio-net-pci' | 'e1000' | 'e1000e' | 'rtl8139'
  /**
   * Whether the card has the boot ROM of QEMU, which is iPXE for BIOS and for UEFI. Without one, UEFI boots with its own
   * network stack (edk2), and BIOS cannot boot from the network. Default: BIOS with, UEFI without.
   */
  readonly rom?: boolean
  /** QEMU's name of the processor. */
  readonly cpu?: string
  /** A file that gets every packet of the machine, for tcpdump and Wireshark. */
  readonly capture?: string
  /** Boots this kernel without any network boot, to look at a kernel or an initrd by itself. */
  readonly direct?: { readonly kernel: string; readonly initrd: string; readonly cmdline: string }
}

/** A virtual PC that is switched on: one network card plugged into the LAN, an empty disk, a screen, a serial port. */
export interface Machine {
  readonly mac: string
  /** What the serial port has said, in lines, with seconds since power-on. */
  readonly serial: Transcript
  /** Every byte that the serial port has sent so far. */
  raw(): Buffer
  waitFor: Transcript['waitFor']
  /** Types on the serial port. */
  type(text: string): void
  /** Presses keys of the keyboard together, by QEMU's names: `press('ctrl', 's')`, `press('ret')`. */
  press(...keys: string[]): Promise<void>
  /** Saves what the screen shows as a PNG. */
  screenshot(file: string): Promise<void>
  /** Resolves when the machine has switched itself off. */
  readonly off: Promise<void>
  /** Pulls the plug. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** The disk is there, so that firmware could boot from it, and holds nothing. */
const diskBytes = 256 * 1024 * 1024

/**
 * Switches a machine on.
 *
 * The processor is emulated in software, which works everywhere; `BOOTTORRENT_ACCEL=kvm` makes it faster where the host's
 * virtualization can be trusted to boot guests.
 */
export async function bootMachine(lan: Lan, options: MachineOptions): Promise<Machine> {
  const folder = await mkdtemp(join(tmpdir(), 'boottorrent-machine-'))
  const socket = join(folder, 'qmp')
  const words = [
    ...(await hardware(options, folder, await lan.tap())),
    ...['-chardev', 'stdio,id=serial,signal=off', '-serial', 'chardev:serial'],
    ...['-chardev', `socket,id=qmp,path=${socket}`, '-mon', 'chardev=qmp,mode=control'],
  ]
  const listener = await listenForQmp(socket)
  const qemu = lan.spawn('qemu-system-x86_64', words)
  const serial = createTranscript(`machine ${options.mac}`)
  const chunks: Buffer[] = []
  const write = serialInto(serial)
  qemu.stdout?.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    write(chunk)
  })
  qemu.stdin?.on('error', () => {})
  const complaint = collect(qemu)
  const off = once(qemu, 'exit').then(() => {})
  qemu.once('close', (code, signal) => serial.end(`QEMU ended (${signal ?? code}) ${complaint()}`.trimEnd()))

  async function close(): Promise<void> {
    listener.close()
    await stopProcess(qemu)
    await rm(folder, { recursive: true, force: true })
  }

  let console: Qmp
  try {
    console = await Promise.race([listener.connected, early(qemu, complaint)])
    // The machine waited, so that nothing of its start is lost.
    await console.execute('cont')
  } catch (error) {
    await close()
    throw error
  }

  return {
    mac: options.mac,
    serial,
    raw: () => Buffer.concat(chunks),
    waitFor: serial.waitFor,
    type: (text) => qemu.stdin?.write(text),
    async press(...keys) {
      await console.execute('send-key', { keys: keys.map((key) => ({ type: 'qcode', data: key })) })
    },
    async screenshot(file) {
      await console.execute('screendump', { filename: resolve(file), format: 'png' })
    },
    off,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** What the machine is made of, in QEMU's words. */
async function hardware(options: MachineOptions, folder: string, tap: string): Promise<string[]> {
  const { firmware, mac, memory = 768, network = 'virtio-net-pci', capture, direct } = options
  const rom = options.rom ?? firmware === 'bios'
  const disk = join(folder, 'disk')
  const file = await open(disk, 'w')
  await file.truncate(diskBytes)
  await file.close()
  const words = [
    ...['-name', mac, '-no-user-config', '-nodefaults', '-display', 'none', '-vga', 'std'],
    // A reset would start everything again and hide what failed: the machine ends instead.
    ...['-no-reboot', '-S'],
    ...['-machine', firmware === 'bios' ? 'pc' : 'q35', '-m', String(memory)],
    ...accelerator(options.cpu),
    ...(await firmwareArguments(firmware, folder)),
    ...['-drive', `id=disk,if=none,format=raw,file=${disk}`, '-device', 'ide-hd,drive=disk,bootindex=2'],
    ...['-netdev', `tap,id=lan,ifname=${tap},script=no,downscript=no`],
    ...['-device', `${network},netdev=lan,mac=${mac},bootindex=1${rom ? '' : ',romfile='}`],
  ]
  if (firmware === 'bios') words.push(...(await serialBios(folder)))
  if (capture) words.push('-object', `filter-dump,id=capture,netdev=lan,file=${resolve(capture)}`)
  if (direct) words.push('-kernel', direct.kernel, '-initrd', direct.initrd, '-append', direct.cmdline)
  return words
}

function accelerator(cpu: string | undefined): string[] {
  const accel = process.env.BOOTTORRENT_ACCEL || 'tcg'
  const model = cpu ?? (accel === 'tcg' ? undefined : 'host')
  return ['-accel', accel, ...(model ? ['-cpu', model] : [])]
}

/** SeaBIOS copies the screen, and with it the text of the boot ROM, to the serial port at this I/O address. */
async function serialBios(folder: string): Promise<string[]> {
  const file = join(folder, 'sercon-port')
  await writeFile(file, new Uint8Array([0xf8, 0x03]))
  return ['-fw_cfg', `name=etc/sercon-port,file=${file}`]
}

/** Fails when QEMU ends before it has connected. */
async function early(qemu: ChildProcess, complaint: () => string): Promise<never> {
  await once(qemu, 'close')
  throw failure(complaint())
}

function failure(complaint: string): BoottorrentError {
  const missing = complaint.includes('qemu-system-x86_64: No such file')
  return missing
    ? new BoottorrentError('FILE', 'QEMU is not installed', { hint: 'Install it: apt-get install qemu-system-x86' })
    : new BoottorrentError('INTERNAL', `QEMU did not start: ${complaint}`)
}

/** Keeps the end of what QEMU complains about. */
function collect(qemu: ChildProcess): () => string {
  let text = ''
  qemu.stderr?.on('data', (chunk) => {
    text = `${text}${chunk}`.slice(-4000)
  })
  return () => text.trim()
}
