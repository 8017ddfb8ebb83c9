import { formatBytes, formatDuration, type Key } from '../../src/ui/index.ts'
import type { MenuEntry } from './menu-entries.ts'
import { nameOf } from './naming.ts'
import { isTooLarge } from './room.ts'
import type { State } from './state.ts'

export interface Surroundings {
  readonly entries: readonly MenuEntry[]
  readonly hasShell: boolean
}

/** The foot of a screen: the one sentence of what comes next, and the keys for it. */
export function footer(
  state: State,
  { entries, hasShell }: Surroundings,
): { readonly next: string; readonly keys: readonly Key[] } {
  const shell: Key[] = hasShell ? [['Ctrl+S', 'shell']] : []
  switch (state.screen) {
    case 'menu': {
      const entry = entries[state.selected]
      const keys: Key[] = [['↑ ↓', 'choose'], ['Enter', 'start'], ['i', 'details'], ['x', 'restart or off'], ...shell]
      return { next: entry ? nextOfMenu(entry, state.secondsLeft) : '', keys }
    }
    case 'details':
      return { next: 'Any key goes back to the menu.', keys: [['any key', 'menu'], ...shell] }
    case 'power':
      return {
        next: 'Any other key goes back.',
        keys: [
          ['r', 'restart'],
          ['p', 'power off'],
          ['any other key', 'back'],
        ],
      }
    case 'leaving':
      return { next: 'One moment.', keys: [] }
    case 'download':
      return { next: 'Every piece is checked as it arrives.', keys: [['m', 'back to the menu'], ...shell] }
    case 'seeding':
      return {
        next: `${nameOf(state.os)} starts when every machine has it, in at most ${formatDuration(state.secondsLeft)}.`,
        keys: [['Enter', 'start now'], ['m', 'back to the menu'], ...shell],
      }
    case 'starting':
      return { next: 'The screen may go dark for a moment.', keys: [] }
    case 'running':
      return { next: 'The menu comes back when it ends.', keys: [['q', 'end it'], ...shell] }
    case 'ended':
      return { next: 'Any key goes back to the menu.', keys: [['any key', 'menu'], ...shell] }
    case 'failure': {
      const retry: Key[] = state.os ? [['r', 'try again']] : []
      const menu: Key[] = entries.length > 0 ? [['m', 'menu']] : []
      const ways: Key[] = hasShell ? [['s', 'shell']] : []
      const keys: Key[] = [...retry, ...menu, ...ways, ['x', 'restart or off']]
      if (state.secondsLeft === undefined) return { next: 'Nothing happens until a key is pressed.', keys }
      const next = `It is tried again in ${formatDuration(state.secondsLeft)}. Any key stops the clock.`
      return { next, keys }
    }
  }
}

function nextOfMenu(entry: MenuEntry, secondsLeft: number | undefined): string {
  const name = nameOf(entry.os)
  if (secondsLeft !== undefined) return `${name} starts in ${formatDuration(secondsLeft)}. Any key stops the clock.`
  if (!isTooLarge(entry)) return `Press Enter to start ${name}.`
  return `${name} needs ${formatBytes(entry.need)} of memory; here is room for ${formatBytes(entry.room ?? 0)}.`
}
