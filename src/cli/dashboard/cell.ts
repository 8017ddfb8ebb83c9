/** Text in columns of a fixed width, in which every machine's name has its place whatever it is written in. */

/** Code points that take two columns of a terminal, near enough for names. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff01-\uff60]/u
const WITHOUT_WIDTH = /[\p{M}\p{Cf}]/u

export function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) columns += widthOf(character)
  return columns
}

/** Exactly `width` columns: padded, or cut with a mark. */
export function cell(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const spare = width - columnsOf(text)
  if (spare < 0) return cut(text, width)
  return align === 'left' ? text + ' '.repeat(spare) : ' '.repeat(spare) + text
}

function cut(text: string, width: number): string {
  let kept = ''
  let columns = 0
  for (const character of text) {
    if (columns + widthOf(character) > width - 1) break
    kept += character
    columns += widthOf(character)
  }
  return `${kept}…`.padEnd(kept.length + 1 + Math.max(0, width - 1 - columns))
}

function widthOf(character: string): number {
  if (WIDE.test(character)) return 2
  return WITHOUT_WIDTH.test(character) ? 0 : 1
}
