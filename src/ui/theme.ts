/**
 * Colours and characters of every screen. The characters are those of the VGA console's font (code page 437), which is what
 * a machine shows before it has an operating system; the colours are the sixteen that every terminal has.
 */
export const colour = {
  accent: 'cyan',
  good: 'green',
  bad: 'red',
  warning: 'yellow',
  bar: 'blue',
  quiet: 'gray',
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
