import { describe, expect, test } from 'vitest'
import { frameRows, Painter } from '../../../client/tui/painter.ts'

const ESC = '\x1b'

describe('the first frame', () => {
  test('clears the screen, makes the last five rows scroll, and hides the cursor', () => {
    const text = new Painter(undefined).paint(['one'])
    expect(text).toContain(`${ESC}[2J`)
    expect(text).toContain(`${ESC}[20;24r`)
    expect(text).toContain(`${ESC}[?25l`)
  })

  test('stands at the top left of an 80 by 24 screen, one column in', () => {
    expect(new Painter(undefined).paint(['one'])).toContain(`${ESC}[1;2H${ESC}[0mone`)
  })

  test('stands in the middle of a wide and high screen', () => {
    const text = new Painter({ columns: 128, rows: 48 }).paint(['one'])
    expect(text).toContain(`${ESC}[9;26H${ESC}[0mone`)
    expect(text).toContain(`${ESC}[44;48r`)
  })
})

describe('a later frame', () => {
  test('that is too high leaves the plain lines alone', () => {
    const text = new Painter(undefined).paint(Array.from({ length: 40 }, (_, index) => `row ${index + 1}.`))
    expect(text).toContain('row 19.')
    expect(text).not.toContain('row 20.')
  })

  test('writes only the lines that changed', () => {
    const painter = new Painter(undefined)
    painter.paint(['one', 'two', 'three'])
    expect(painter.paint(['one', 'TWO', 'three'])).toBe(`${ESC}[2;2H${ESC}[0mTWO${ESC}[K`)
  })

  test('erases lines that are no longer there', () => {
    const painter = new Painter(undefined)
    painter.paint(['one', 'two'])
    expect(painter.paint(['one'])).toBe(`${ESC}[2;2H${ESC}[0m${ESC}[K`)
  })

  test('that is the same writes nothing', () => {
    const painter = new Painter(undefined)
    painter.paint(['one'])
    expect(painter.paint(['one'])).toBe('')
  })

  test('is written whole after somebody else had the console', () => {
    const painter = new Painter(undefined)
    painter.paint(['one', 'two'])
    painter.release()
    expect(painter.paint(['one', 'two'])).toContain('one')
  })
})

describe('plain lines', () => {
  test('are between line feeds, with no escape code inside, so that a program can find them', () => {
    const painter = new Painter(undefined)
    painter.paint(['frame'])
    const lines = painter.print(['boottorrent: menu 2 systems', 'boottorrent: start x kexec']).split('\n')
    expect(lines.slice(1, 3)).toEqual(['boottorrent: menu 2 systems\r', 'boottorrent: start x kexec\r'])
  })

  test('are written in the scrolling rows, and leave the frame as it is', () => {
    const painter = new Painter(undefined)
    painter.paint(['frame'])
    expect(painter.print(['line'])).toContain(`${ESC}[23;1H\r\nline\r\n`)
    expect(painter.paint(['frame'])).toBe('')
  })

  test('may come before any frame', () => {
    const painter = new Painter(undefined)
    expect(painter.print(['line'])).toContain('\nline\r\n')
    expect(painter.paint(['frame'])).toBe(`${ESC}[1;2H${ESC}[0mframe${ESC}[K`)
  })
})

describe('giving the console back', () => {
  test('makes the whole screen scroll and shows the cursor', () => {
    const painter = new Painter(undefined)
    painter.paint(['frame'])
    for (const text of [painter.release(), painter.clear()]) {
      expect(text).toContain(`${ESC}[r`)
      expect(text).toContain(`${ESC}[?25h`)
    }
  })
})

describe('the height of a frame', () => {
  test('is what 24 rows leave when a console does not know its size', () => {
    expect(frameRows([undefined, { columns: 128, rows: 48 }])).toBe(19)
  })

  test('grows with the screen, but not without end', () => {
    expect(frameRows([{ columns: 80, rows: 25 }])).toBe(20)
    expect(frameRows([{ columns: 240, rows: 67 }])).toBe(26)
  })
})
