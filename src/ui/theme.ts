/**
 * Colours and characters of every screen. The characters are those of the VGA console's font (code page 437), which is what
 * a machine shows before it has an operating system. The colours are the first eight, bold and dim: Linux's console takes each of
 * the bright eight for bold, and does not end that with the colour.
 */
export const colour = {
  accent: 'cyan',
  good: 'green',
  bad: 'red',
  warning: 'yellow',
  bar: 'blue',
} as const

export const glyph = {
  pointer: '►',
  rule: '─',
  full: '█',
  empty: '░',
  done: '√',
  failed: '‼',
  more: { above: '↑', below: '↓' },
  dot: '·',
} as const
