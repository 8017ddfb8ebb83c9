/** A virtual PC for tests, with what they look at and press. */
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { MachineOptions } from '../../src/demo/vm/hardware.ts'
import type { Lan } from '../../src/demo/vm/lan.ts'
import { plug, startQemu } from '../../src/demo/vm/qemu.ts'
import type { Qmp } from '../../src/demo/vm/qmp.ts'
import type { Transcript } from '../../src/demo/vm/transcript.ts'
import { type Picture, parsePpm } from './picture.ts'
import { readVgaText } from './vga-text.ts'

export type { Firmware } from '../../src/demo/vm/firmware.ts'
export type { MachineOptions, NetworkCard } from '../../src/demo/vm/hardware.ts'

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
  /** Moves the mouse by so many steps. */
  moveMouse(right: number, down: number): Promise<void>
  /** Presses a button of the mouse and lets it go. */
  click(button: 'left' | 'right'): Promise<void>
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

/** Switches a machine on. */
export async function bootMachine(lan: Lan, options: MachineOptions): Promise<Machine> {
  const machine = await startQemu(lan, options)
  const { mac, serial, qmp, folder, off } = machine
  const close = async () => machine[Symbol.asyncDispose]()
  return {
    mac,
    serial,
    raw: machine.raw,
    waitFor: serial.waitFor,
    waitForPrompt: serial.waitForPrompt,
    type: machine.type,
    async press(...keys) {
      await qmp.execute('send-key', { keys: keys.map((key) => ({ type: 'qcode', data: key })) })
    },
    moveMouse: (right, down) =>
      sendInput(qmp, [
        { type: 'rel', data: { axis: 'x', value: right } },
        { type: 'rel', data: { axis: 'y', value: down } },
      ]),
    async click(button) {
      for (const down of [true, false]) await sendInput(qmp, [{ type: 'btn', data: { button, down } }])
    },
    plug: (isIn) => plug(qmp, 'card', isIn),
    async screenshot(file) {
      await qmp.execute('screendump', { filename: resolve(file), format: 'png' })
    },
    screenText: () => readVgaText(qmp, join(folder, 'screen.text')),
    async picture() {
      const file = join(folder, 'screen.ppm')
      await qmp.execute('screendump', { filename: file, format: 'ppm' })
      return parsePpm(await readFile(file))
    },
    off,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** @param events that happen together (QMP, InputEvent) */
async function sendInput(qmp: Qmp, events: readonly object[]): Promise<void> {
  await qmp.execute('input-send-event', { events })
}
