import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import realStringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { bundleForQuickJs } from '../../../client/tui/bundle.ts'
import { EventEmitter } from '../../../client/tui/quickjs/events.ts'
import stringWidth from '../../../client/tui/quickjs/string-width.ts'
import { decodeUtf8, encodeUtf8 } from '../../../client/tui/quickjs/utf8.ts'

describe('UTF-8', () => {
  test('is encoded as TextEncoder does it', () => {
    for (const text of ['', 'boottorrent', 'Größe', '►░█', '日本', '🐧 penguin']) {
      expect([...encodeUtf8(text)]).toEqual([...new TextEncoder().encode(text)])
      expect(decodeUtf8(encodeUtf8(text))).toBe(text)
    }
  })

  test.each([
    ['a lone continuation', [0x80]],
    ['a cut sequence', [0xe2, 0x96]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['bytes of no sequence', [0xff, 0xfe]],
  ])('%s becomes a replacement character and does not swallow what follows', (_what, bytes) => {
    expect(decodeUtf8(new Uint8Array([...bytes, 0x41]))).toMatch(/^\ufffd+A$/)
  })
})

test('widths are those of string-width for what a console shows', () => {
  for (const text of [
    '',
    'menu',
    'Größe',
    '► 1',
    '█░─·√‼↑↓',
    '日本',
    '\u001b[31mred\u001b[39m',
    'e\u0301',
    'a\u200bb',
  ]) {
    expect(stringWidth(text), JSON.stringify(text)).toBe(realStringWidth(text))
  }
})

describe('events', () => {
  test('reach every listener, and none that has been taken away', () => {
    const emitter = new EventEmitter()
    const seen: string[] = []
    const first = () => seen.push('first')
    emitter.on('x', first)
    emitter.once('x', () => seen.push('once'))
    emitter.emit('x')
    emitter.off('x', first)
    expect(emitter.emit('x')).toBe(false)
    expect(seen).toEqual(['first', 'once'])
  })

  test('a listener may go while it is called', () => {
    const emitter = new EventEmitter()
    const seen: string[] = []
    const first = () => {
      seen.push('first')
      emitter.off('x', first)
    }
    emitter.on('x', first)
    emitter.on('x', () => seen.push('second'))
    emitter.emit('x')
    emitter.emit('x')
    expect(seen).toEqual(['first', 'second', 'second'])
  })
})

test('the bundle needs nothing but QuickJS’s modules and native.c, and is the same each time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'boottorrent-bundle-'))
  try {
    const [one, two] = [join(folder, 'one.js'), join(folder, 'two.js')]
    const entry = join(import.meta.dirname, '../../../client/tui/main.tsx')
    await Promise.all([bundleForQuickJs(entry, one, '1.2.3'), bundleForQuickJs(entry, two, '1.2.3')])
    const text = await readFile(one, 'utf8')
    const imports = [...text.matchAll(/(?:^|;|})import[^;]{0,2000}?from"([^"]+)"/g)].map((match) => match[1])
    expect(new Set(imports)).toEqual(new Set(['os', 'std', 'native']))
    expect(await readFile(two, 'utf8')).toBe(text)
    expect(text).not.toContain(process.cwd())
  } finally {
    await rm(folder, { recursive: true })
  }
}, 60_000)
