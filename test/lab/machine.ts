import type { ChildProcess } from 'node:child_process'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { BoottorrentError } from '../../src/errors.ts'
import { type Firmware, firmwareArguments, mainboard } from './firmware.ts'
import { type Lan, stopProcess } from './namespace.ts'
import { type Picture, parsePpm } from './picture.ts'
import { listenForQmp, type Qmp, type QmpListener } from './qmp.ts'
import { serialInto } from './serial.ts'
import { createTranscript, type Transcript } from './transcript.ts'
import { readVgaText } from './vga-text.ts'

export type { Firmware } from './firmware.ts'

/** QEMU's names of network cards. It has no boot ROM for the one on USB. */
export type NetworkCard =
  | 'virtio-net-pci'
  | 'e1000'
  | 'e1000e'
  | 'rtl8139'
  | 'vmxnet3'
  | 'pcnet'
  | 'ne2k_pci'
  | 'i82551'
  | 'usb-net'

export interface MachineOptions {
  readonly firmware: Firmware
  /** As `52:54:00:12:34:56`. */
  readonly mac: string
  /** In MiB. */
  readonly memory?: number
  /** QEMU's name of the network card. */
  readonly network?: NetworkCard
  /**
   * Whether the card has the boot ROM of QEMU, which is iPXE for BIOS and for UEFI. Without one, UEFI boots with its own
   * network stack (edk2), and BIOS cannot boot from the network. Default: BIOS with, UEFI without.
   */
  readonly rom?: boolean
  /** Whether the card's cable is plugged in when the machine is switched on. Default: yes. */
  readonly cable?: boolean
  /** One more card, in a slot before the other, whose cable is never plugged in. */
  readonly unused?: { readonly network: NetworkCard; readonly mac: string }
  /** QEMU's name of the graphics card. Default: a VGA. */
  readonly vga?: 'std' | 'virtio' | 'cirrus' | 'none'
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
  waitForPrompt: Transcript['waitForPrompt']
  /** Types on the serial port. */
  type(text: string): void
  /** Presses keys of the keyboard together, by QEMU's names: `press('ctrl', 's')`, `press('ret')`. */
  press(...keys: string[]): Promise<void>
  /** Plugs the cable of the network card in, or pulls it out. */
  plug(isIn: boolean): Promise<void>
  /** Saves what the screen shows as a PNG. */
  screenshot(file: string): Promise<void>
  /** The 25 lines of a screen in VGA's text mode, as a BIOS machine has it. */
  screenText(): Promise<string[]>
  /** What the screen shows. */
  picture(): Promise<Picture>
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
  await using opened = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'boottorrent-machine-'))
  opened.defer(() => rm(folder, { recursive: true, force: true }))
  const socket = join(folder, 'qmp')
  const words = [
    ...(await hardware(options, folder, await lan.tap())),
    ...['-chardev', 'stdio,id=serial,signal=off', '-serial', 'chardev:serial'],
    ...['-chardev', `socket,id=qmp,path=${socket}`, '-mon', 'chardev=qmp,mode=control'],
  ]
  const listener = await listenForQmp(socket)
  opened.defer(() => listener.close())
  const qemu = lan.spawn('qemu-system-x86_64', words)
  opened.defer(() => stopProcess(qemu))

  const serial = createTranscript(`machine ${options.mac}`)
  const chunks: Buffer[] = []
  const write = serialInto(serial)
  qemu.stdout?.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    write(chunk)
  })
  qemu.stdin?.on('error', () => {})
  const ended = end(qemu)
  ended.then(({ status, complaint }) => serial.end(`QEMU ended (${status}) ${complaint}`.trimEnd()))

  const console = await switchOn(listener, ended, options).catch(async (error) => {
    await stopProcess(qemu)
    throw startFailure(await ended, error)
  })
  const kept = opened.move()
  const close = () => kept.disposeAsync()

  return {
    mac: options.mac,
    serial,
    raw: () => Buffer.concat(chunks),
    waitFor: serial.waitFor,
    waitForPrompt: serial.waitForPrompt,
    type: (text) => qemu.stdin?.write(text),
    async press(...keys) {
      await console.execute('send-key', { keys: keys.map((key) => ({ type: 'qcode', data: key })) })
    },
    plug: (isIn) => plug(console, 'card', isIn),
    async screenshot(file) {
      await console.execute('screendump', { filename: resolve(file), format: 'png' })
    },
    screenText: () => readVgaText(console, join(folder, 'screen.text')),
    async picture() {
      const file = join(folder, 'screen.ppm')
      await console.execute('screendump', { filename: file, format: 'ppm' })
      return parsePpm(await readFile(file))
    },
    off: ended.then(() => {}),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** What the machine is made of, in QEMU's words. */
async function hardware(options: MachineOptions, folder: string, tap: string): Promise<string[]> {
  const { firmware, mac, memory = 768, network = 'virtio-net-pci', vga = 'std', capture, direct } = options
  const rom = options.rom ?? firmware === 'bios'
  const disk = join(folder, 'disk')
  const file = await open(disk, 'w')
  await file.truncate(diskBytes)
  await file.close()
  const words = [
    ...['-name', mac, '-uuid', uuidOf(mac), '-no-user-config', '-nodefaults', '-display', 'none', '-vga', vga],
    // A reset would start everything again and hide what failed: the machine ends instead.
    ...['-no-reboot', '-S'],
    ...['-machine', mainboard(firmware), '-m', String(memory)],
    ...accelerator(options.cpu),
    ...(await firmwareArguments(firmware, folder)),
    ...['-drive', `id=disk,if=none,format=raw,file=${disk}`, '-device', 'ide-hd,drive=disk,bootindex=3'],
    // Without vnet_hdr each captured packet starts with its Ethernet header, as Wireshark expects.
    ...['-netdev', `tap,id=lan,ifname=${tap},script=no,downscript=no,vnet_hdr=off`],
    ...(options.unused ? ['-device', card('unused', options.unused.network, options.unused.mac, 2, false)] : []),
    ...(network === 'usb-net' ? ['-device', 'qemu-xhci'] : []),
    ...['-device', `${card('card', network, mac, 1, rom)},netdev=lan`],
  ]
  if (firmware === 'bios') words.push(...(await serialBios(folder)))
  if (capture) words.push('-object', `filter-dump,id=capture,netdev=lan,file=${resolve(capture)}`)
  if (direct) words.push('-kernel', direct.kernel, '-initrd', direct.initrd, '-append', direct.cmdline)
  return words
}

/** A network card. `rom` is whether it has its boot ROM. */
function card(id: string, network: NetworkCard, mac: string, bootIndex: number, rom: boolean): string {
  const withoutRom = rom || network === 'usb-net' ? '' : ',romfile='
  return `${network},id=${id},mac=${mac},bootindex=${bootIndex}${withoutRom}`
}

async function plug(qmp: Qmp, id: string, isIn: boolean): Promise<void> {
  await qmp.execute('set_link', { name: id, up: isIn })
}

/** Every real machine has a UUID of its own, which firmware sends along when it asks for an address. */
function uuidOf(mac: string): string {
  return `b0070000-0000-4000-8000-${mac.replaceAll(':', '')}`
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

/** The machine waits until we can talk to QEMU, so that nothing of its start is lost. */
async function switchOn(
  listener: QmpListener,
  ended: Promise<unknown>,
  { cable = true, unused }: MachineOptions,
): Promise<Qmp> {
  const early = ended.then(() => Promise.reject(new Error('QEMU has ended')))
  const qmp = await Promise.race([listener.connected, early])
  if (!cable) await plug(qmp, 'card', false)
  if (unused) await plug(qmp, 'unused', false)
  await qmp.execute('cont')
  return qmp
}

interface End {
  /** The exit status, or the signal that ended it. */
  readonly status: string
  /** The end of what it wrote on standard error. */
  readonly complaint: string
}

function end(qemu: ChildProcess): Promise<End> {
  let complaint = ''
  qemu.stderr?.on('data', (chunk) => {
    complaint = `${complaint}${chunk}`.slice(-4000)
  })
  // QEMU warns of things that are meant so.
  const errors = () => complaint.split('\n').filter((line) => line !== '' && !line.includes('warning:'))
  return new Promise((resolve) => {
    qemu.once('close', (code, signal) => resolve({ status: String(signal ?? code), complaint: errors().join('\n') }))
  })
}

function startFailure({ status, complaint }: End, cause: unknown): BoottorrentError {
  if (complaint.includes('failed to execute')) {
    const hint = 'Install it: apt-get install qemu-system-x86 seabios ipxe-qemu ovmf'
    return new BoottorrentError('FILE', 'The program qemu-system-x86_64 is missing', { hint, cause })
  }
  return new BoottorrentError('INTERNAL', `QEMU did not start (${status}): ${complaint}`, { cause })
}
