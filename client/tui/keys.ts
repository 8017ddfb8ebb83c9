import type { Key } from 'ink'
import type { KeyPress } from './state.ts'

/**
 * What Ink's key events mean here. Several characters that came at once, as over a slow serial line, are several keys; what
 * means nothing, as the noise of an open serial line, is none.
 */
export function toKeyPresses(input: string, key: Key): KeyPress[] {
  if (key.upArrow) return [{ key: 'up' }]
  if (key.downArrow) return [{ key: 'down' }]
  if (key.pageUp) return [{ key: 'page up' }]
  if (key.pageDown) return [{ key: 'page down' }]
  if (key.home) return [{ key: 'first' }]
  if (key.end) return [{ key: 'last' }]
  if (key.return) return [{ key: 'enter' }]
  if (key.escape) return [{ key: 'escape' }]
  if (key.ctrl) return toControl(input)
  return [...input].flatMap((character) => toPress(character))
}

function toControl(letter: string): KeyPress[] {
  if (letter === 's') return [{ key: 'shell' }]
  if (letter === 'c') return [{ key: 'stop' }]
  if (letter === 'l') return [{ key: 'repaint' }]
  return []
}

function toPress(character: string): KeyPress[] {
  if (character === '\r' || character === '\n') return [{ key: 'enter' }]
  return /^[ -~]$/.test(character) ? [{ key: 'text', text: character }] : []
}
