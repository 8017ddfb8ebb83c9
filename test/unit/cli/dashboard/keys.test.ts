import { describe, expect, test } from 'vitest'
import { firstView, type Press, press, type Shown, type View } from '../../../../src/cli/dashboard/keys.ts'

const shown: Shown = { order: ['a', 'b', 'c', 'd', 'e'], perRow: 1, page: 2 }

/** What is looked at after these keys, and what they set off; a word of one letter is text. */
function pressing(words: string, view: View = firstView, on: Shown = shown) {
  const actions: object[] = []
  let current = view
  for (const word of words.split(' ')) {
    const pressed = word.length === 1 ? { key: 'text', text: word } : { key: word }
    const { view: next, action } = press(current, pressed as Press, on)
    current = next
    if (action !== undefined) actions.push(action)
  }
  return { ...current, actions }
}

describe('choosing', () => {
  test.each([
    ['down', 'b'],
    ['down down up', 'b'],
    ['j j k', 'b'],
    ['up', 'a'],
    ['pageDown', 'c'],
    ['last', 'e'],
    ['last down', 'e'],
    ['last pageUp', 'c'],
    ['last first', 'a'],
  ])('%s chooses %s', (keys, mac) => expect(pressing(keys).selected).toBe(mac))

  test('tiles have neighbours in four directions', () => {
    const tiles = { ...shown, perRow: 2 }
    expect(pressing('down', firstView, tiles).selected).toBe('c')
    expect(pressing('right', firstView, tiles).selected).toBe('b')
    expect(pressing('down right up left', firstView, tiles).selected).toBe('a')
  })

  test('a machine that is gone is no longer chosen', () => {
    expect(pressing('down', { ...firstView, selected: 'gone' }).selected).toBe('b')
  })

  test('an empty room bears every key', () => {
    const empty = { order: [], perRow: 1, page: 1 }
    expect(pressing('down up last enter w pageDown', firstView, empty)).toMatchObject({ screen: 'room', actions: [] })
  })
})

test('Enter opens the chosen machine, and Escape or Enter goes back to it', () => {
  expect(pressing('down enter')).toMatchObject({ screen: 'machine', selected: 'b' })
  expect(pressing('down enter escape')).toMatchObject({ screen: 'room', selected: 'b' })
  expect(pressing('down enter enter')).toMatchObject({ screen: 'room', selected: 'b' })
})

test('a timeline scrolls back from its newest step', () => {
  expect(pressing('enter up up down').scroll).toBe(1)
  expect(pressing('enter up down down').scroll).toBe(0)
})

test('letters of the filter are no commands, and Escape shows all', () => {
  expect(pressing('/ w q')).toMatchObject({ filter: 'wq', isTyping: true, actions: [] })
  expect(pressing('/ w q backspace enter')).toMatchObject({ filter: 'w', isTyping: false })
  expect(pressing('/ w enter escape').filter).toBe('')
  expect(pressing('/ w escape')).toMatchObject({ filter: '', isTyping: false })
})

test('the server is stopped by q twice, by Ctrl+C at once, and not by q and anything else', () => {
  expect(pressing('q')).toMatchObject({ isQuitting: true, actions: [] })
  expect(pressing('q q').actions).toEqual([{ do: 'quit' }])
  expect(pressing('q down q').actions).toEqual([])
  expect(pressing('stop').actions).toEqual([{ do: 'quit' }])
  expect(pressing('/ stop').actions).toEqual([{ do: 'quit' }])
})

test('w wakes the chosen or the open machine, r reads the environment again', () => {
  expect(pressing('w').actions).toEqual([{ do: 'wake', mac: 'a' }])
  expect(pressing('last enter w').actions).toEqual([{ do: 'wake', mac: 'e' }])
  expect(pressing('r').actions).toEqual([{ do: 'reload' }])
})

test('s goes round the orders', () => {
  expect(pressing('s').sort).toBe('name')
  expect(pressing('s s s s s').sort).toBe('state')
})
