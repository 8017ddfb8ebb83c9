/** A virtual PC that runs in QEMU. */
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BoottorrentError } from '../../errors.ts'
import { hardware, type MachineOptions } from './hardware.ts'
import type { Lan } from './lan.ts'
import { stopProcess } from './programs.ts'
import { listenForQmp, type Qmp, type QmpListener } from './qmp.ts'
import { serialInto } from './serial.ts'
import { createTranscript, type Transcript } from './transcript.ts'

/** A virtual PC that is switched on: one network card plugged into the LAN, an empty disk, a screen, a serial port. */
export interface VirtualMachine extends AsyncDisposable {
  readonly mac: string
  /** What the serial port has said, in lines, with seconds since power-on. */
  readonly serial: Transcript
  /** Every byte that the serial port has sent so far. */
  raw(): Buffer
  /** Types on the serial port. */
  type(text: string): void
  /** QEMU's own commands. */
  readonly qmp: Qmp
  /** Its files, which are gone when it is. */
  readonly folder: string
  /** Resolves when the machine has switched itself off. */
  readonly off: Promise<void>
}

/**
 * Switches a machine on; disposing of it pulls the plug.
 *
 * The processor is emulated in software, which works everywhere; `BOOTTORRENT_ACCEL=kvm` makes it faster where the host's
 * virtualization can be trusted to boot guests.
 *
 * @param parent of the machine's own folder
 * @throws BoottorrentError FILE when QEMU is not installed, INTERNAL with its own words when it does not start
 */
export async function startQemu(
  lan: Pick<Lan, 'spawn' | 'tap'>,
  options: MachineOptions,
  parent = tmpdir(),
): Promise<VirtualMachine> {
  await using opened = new AsyncDisposableStack()
  const folder = await mkdtemp(join(parent, 'boottorrent-machine-'))
  opened.defer(() => rm(folder, { recursive: true, force: true }))
  const socket = join(folder, 'qmp')
  const words = [
    ...(await hardware(options, folder, await lan.tap())),
    ...['-chardev', 'stdio,id=serial,signal=off', '-serial', 'chardev:serial'],
    ...['-chardev', `socket,id=qmp,path=${socket}`, '-mon', 'chardev=qmp,mode=control'],
  ]
  const listener = await listenForQmp(socket)
  opened.defer(() => listener.close())
  // Apart from our terminal, whose Ctrl+C is for us: we end it ourselves.
  const qemu = lan.spawn('qemu-system-x86_64', words, { detached: true })
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

  const qmp = await switchOn(listener, ended, options).catch(async (error) => {
    await stopProcess(qemu)
    throw startFailure(await ended, error)
  })
  const kept = opened.move()
  return {
    mac: options.mac,
    serial,
    raw: () => Buffer.concat(chunks),
    type: (text) => qemu.stdin?.write(text),
    qmp,
    folder,
    off: ended.then(() => {}),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** Plugs the cable of a network card in, or pulls it out. @param id `card`, or `unused` for the second one */
export async function plug(qmp: Qmp, id: string, isIn: boolean): Promise<void> {
  await qmp.execute('set_link', { name: id, up: isIn })
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
