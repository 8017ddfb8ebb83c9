import { expect, test } from 'vitest'
import { vgaLines } from '../../lab/vga-text.ts'

/** 32 KiB of blanks with bytes of code page 437 at a place, counted in characters. */
function memoryWith(bytes: readonly number[], at: number): Uint8Array {
  const memory = Buffer.alloc(32 * 1024, Buffer.from([0x20, 0x07]))
  for (const [offset, byte] of bytes.entries()) memory[((at + offset) * 2) % memory.length] = byte
  return memory
}

test('characters come from code page 437, in 25 lines', () => {
  const lines = vgaLines(memoryWith([0x10, 0x20, 0x84, 0xdb, 0xb0, 0xfb, 0x13], 80), 0)
  expect(lines).toHaveLength(25)
  expect(lines[1]).toBe('► ä█░√‼')
  expect(lines.filter((line) => line !== '')).toHaveLength(1)
})

test('a screen that has scrolled begins anywhere, and goes on at the beginning of the memory', () => {
  const start = 16 * 1024 - 80
  expect(vgaLines(memoryWith([0x41], start + 80), start)[1]).toBe('A')
})
