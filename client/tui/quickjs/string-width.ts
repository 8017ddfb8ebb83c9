/** In place of string-width, whose tables of emoji cost more than the rest of Ink: widths of what a console can show. */
export default function stringWidth(text: string): number {
  let width = 0
  for (const character of text.replaceAll(ESCAPE_SEQUENCE, '')) width += widthOf(character.codePointAt(0) ?? 0)
  return width
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const ESCAPE_SEQUENCE = /\u001b(\[[0-?]*[ -/]*[@-~]|\][^\u0007]*\u0007)/g

/** First and last code point of what takes no column: control characters, combining marks, joiners. */
const NO_COLUMN = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0x300, 0x36f],
  [0x200b, 0x200f],
  [0xfe00, 0xfe0f],
] as const

/** First and last code point of what takes two columns: East Asian scripts, full-width forms, pictographs. */
const TWO_COLUMNS = [
  [0x1100, 0x115f],
  [0x2e80, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
] as const

function widthOf(code: number): number {
  const isIn = ([first, last]: readonly [number, number]) => code >= first && code <= last
  if (NO_COLUMN.some(isIn)) return 0
  return TWO_COLUMNS.some(isIn) ? 2 : 1
}
