/** What a VGA shows in its text mode, read out of its memory: the characters themselves, not their picture. */

import { readFile } from 'node:fs/promises'
import type { Qmp } from '../../src/demo/vm/qmp.ts'

/** Where the memory of the text mode lies for the processor, and how long it is. */
const MEMORY = { at: 0xb8000, length: 32 * 1024 }
const COLUMNS = 80
const ROWS = 25

/**
 * The 25 lines of 80 columns, without blanks at their ends.
 *
 * @param file a path for what QEMU writes
 */
export async function readVgaText(qmp: Qmp, file: string): Promise<string[]> {
  const high = await crtcRegister(qmp, 0x0c)
  const low = await crtcRegister(qmp, 0x0d)
  await qmp.execute('pmemsave', { val: MEMORY.at, size: MEMORY.length, filename: file })
  return vgaLines(await readFile(file), (high << 8) | low)
}

/** @param start the character at the upper left corner: Linux scrolls by moving it through the memory */
export function vgaLines(memory: Uint8Array, start: number): string[] {
  return Array.from({ length: ROWS }, (_, row) => {
    let line = ''
    for (let column = 0; column < COLUMNS; column++) {
      // Each character is followed by its colours.
      const at = ((start + row * COLUMNS + column) * 2) % memory.length
      line += characterOf(memory[at] ?? 0)
    }
    return line.trimEnd()
  })
}

/** Ports of the CRT controller: an index, and the register of that index. */
async function crtcRegister(qmp: Qmp, index: number): Promise<number> {
  const ask = (line: string) => qmp.execute('human-monitor-command', { 'command-line': line }) as Promise<string>
  await ask(`o /b 0x3d4 ${index}`)
  const answer = await ask('i /b 0x3d5')
  return Number(/= (0x[0-9a-f]+)/i.exec(answer)?.[1] ?? Number.NaN)
}

/** Code page 437, of which the first 32 are pictures. */
function characterOf(code: number): string {
  if (code < 0x20) return LOW[code] ?? ' '
  if (code < 0x7f) return String.fromCharCode(code)
  return HIGH[code - 0x7f] ?? ' '
}

const LOW = [...' ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼']
const HIGH = [
  ...'⌂ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀',
  ...'αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ',
]
