import type { Key } from 'ink'
import type { Press } from './keys.ts'

/** What Ink's key events mean here. Several characters that came at once, as over a slow line, are several keys. */
export function toPresses(input: string, key: Key): Press[] {
  const named = nameOf(key)
  if (named !== undefined) return [named]
  if (key.ctrl) return toControl(input)
  // Of a sequence that Ink does not know the rest would be taken for letters.
  if (key.meta) return []
  return [...input].flatMap((text): Press[] => {
    if (text === '\r' || text === '\n') return [{ key: 'enter' }]
    return /^[\p{L}\p{N}\p{P}\p{S} ]$/u.test(text) ? [{ key: 'text', text }] : []
  })
}

function nameOf(key: Key): Press | undefined {
  if (key.upArrow) return { key: 'up' }
  if (key.downArrow) return { key: 'down' }
  if (key.leftArrow) return { key: 'left' }
  if (key.rightArrow) return { key: 'right' }
  if (key.pageUp) return { key: 'pageUp' }
  if (key.pageDown) return { key: 'pageDown' }
  if (key.home) return { key: 'first' }
  if (key.end) return { key: 'last' }
  if (key.return) return { key: 'enter' }
  if (key.escape) return { key: 'escape' }
  return key.backspace || key.delete ? { key: 'backspace' } : undefined
}

function toControl(letter: string): Press[] {
  if (letter === 'c') return [{ key: 'stop' }]
  return letter === 'l' ? [{ key: 'repaint' }] : []
}
