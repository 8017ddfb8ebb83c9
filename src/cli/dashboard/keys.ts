/** What is looked at, and what keys do to that. */
import { type Sort, sorts } from './order.ts'

export interface View {
  readonly screen: 'room' | 'machine' | 'help'
  readonly layout: 'list' | 'tiles'
  readonly sort: Sort
  readonly filter: string
  /** Whether keys are letters of the filter. */
  readonly isTyping: boolean
  /** MAC address of the chosen machine. */
  readonly selected: string | undefined
  /** How many steps of an open timeline lie above the window; counted from the newest. */
  readonly scroll: number
  /** Whether one more `q` stops the server. */
  readonly isQuitting: boolean
}

export const firstView: View = {
  screen: 'room',
  layout: 'list',
  sort: 'state',
  filter: '',
  isTyping: false,
  selected: undefined,
  scroll: 0,
  isQuitting: false,
}

/** A key by its name, or text that was typed. */
export type Press =
  | { readonly key: 'up' | 'down' | 'left' | 'right' | 'pageUp' | 'pageDown' | 'first' | 'last' }
  | { readonly key: 'enter' | 'escape' | 'backspace' | 'stop' | 'repaint' }
  | { readonly key: 'text'; readonly text: string }

export type Action = { readonly do: 'wake'; readonly mac: string } | { readonly do: 'reload' | 'quit' | 'repaint' }

/** What is on the screen, as far as keys depend on it. */
export interface Shown {
  /** MAC addresses of the machines in the order in which they are shown. */
  readonly order: readonly string[]
  /** Machines in one row of tiles; 1 in a list. */
  readonly perRow: number
  /** Rows that a page has. */
  readonly page: number
}

export interface Pressed {
  readonly view: View
  readonly action?: Action
}

export function press(view: View, pressed: Press, shown: Shown): Pressed {
  if (pressed.key === 'stop') return { view, action: { do: 'quit' } }
  if (pressed.key === 'repaint') return { view, action: { do: 'repaint' } }
  if (view.isTyping) return { view: type(view, pressed) }
  // Whatever else is pressed, nobody wants to stop it any more.
  const calm = { ...view, isQuitting: false }
  if (pressed.key === 'text') return command(view, calm, pressed.text, shown)
  if (pressed.key === 'escape') return { view: back(calm) }
  if (pressed.key === 'enter') return { view: open(calm, shown) }
  if (view.screen === 'room') return { view: choose(calm, pressed.key, shown) }
  return { view: view.screen === 'machine' ? scroll(calm, pressed.key, shown) : calm }
}

/** The machine that is chosen: the first one when nobody chose, or when that one is gone. */
export function chosen({ selected }: View, order: readonly string[]): string | undefined {
  return selected !== undefined && order.includes(selected) ? selected : order[0]
}

function command(view: View, calm: View, letter: string, shown: Shown): Pressed {
  switch (letter) {
    case 'q':
      return view.isQuitting ? { view, action: { do: 'quit' } } : { view: { ...view, isQuitting: true } }
    case '?':
    case 'h':
      return { view: { ...calm, screen: view.screen === 'help' ? 'room' : 'help' } }
    case 's':
      return { view: { ...calm, sort: next(sorts, view.sort) } }
    case 'v':
      return { view: { ...calm, layout: view.layout === 'list' ? 'tiles' : 'list' } }
    case '/':
    case 'f':
      return { view: { ...calm, screen: 'room', isTyping: true } }
    case 'r':
      return { view: calm, action: { do: 'reload' } }
    case 'w': {
      const mac = view.screen === 'machine' ? view.selected : chosen(view, shown.order)
      return mac === undefined ? { view: calm } : { view: calm, action: { do: 'wake', mac } }
    }
    case 'j':
      return press(calm, { key: 'down' }, shown)
    case 'k':
      return press(calm, { key: 'up' }, shown)
    default:
      return { view: calm }
  }
}

/** Letters of the filter, which counts at once; Enter keeps it, Escape empties it. */
function type(view: View, pressed: Press): View {
  if (pressed.key === 'text') return { ...view, filter: (view.filter + pressed.text).slice(0, 40) }
  if (pressed.key === 'backspace') return { ...view, filter: [...view.filter].slice(0, -1).join('') }
  if (pressed.key === 'enter') return { ...view, isTyping: false }
  if (pressed.key === 'escape') return { ...view, isTyping: false, filter: '' }
  return view
}

/** Escape goes back by one: out of a machine or the help, else out of the filter. */
function back(view: View): View {
  return view.screen === 'room' ? { ...view, filter: '' } : { ...view, screen: 'room' }
}

function open(view: View, { order }: Shown): View {
  if (view.screen !== 'room') return { ...view, screen: 'room' }
  const mac = chosen(view, order)
  return mac === undefined ? view : { ...view, screen: 'machine', selected: mac, scroll: 0 }
}

function choose(view: View, key: Press['key'], { order, perRow, page }: Shown): View {
  const mac = chosen(view, order)
  const now = mac === undefined ? 0 : order.indexOf(mac)
  const moves: { readonly [key in Press['key']]?: number } = {
    up: now - perRow,
    down: now + perRow,
    left: now - 1,
    right: now + 1,
    pageUp: now - perRow * page,
    pageDown: now + perRow * page,
    first: 0,
    last: order.length - 1,
  }
  const target = Math.min(order.length - 1, Math.max(0, moves[key] ?? now))
  return { ...view, selected: order[target] }
}

function scroll(view: View, key: Press['key'], { page }: Shown): View {
  const moves: { readonly [key in Press['key']]?: number } = {
    up: view.scroll + 1,
    down: view.scroll - 1,
    pageUp: view.scroll + page,
    pageDown: view.scroll - page,
    // How many there are is known where they are drawn.
    first: Number.MAX_SAFE_INTEGER,
    last: 0,
  }
  return { ...view, scroll: Math.max(0, moves[key] ?? view.scroll) }
}

function next<Item>(items: readonly Item[], item: Item): Item {
  return items[(items.indexOf(item) + 1) % items.length] as Item
}
