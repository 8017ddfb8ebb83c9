/** Global names that React and Ink expect and QuickJS does not have. Imported before everything else. */
import * as os from 'quickjs:os'
import * as std from 'quickjs:std'
import { guarded } from './guard.ts'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'

type Callback = (...values: unknown[]) => void

interface Interval {
  timer: object
}

function setTimeout(callback: Callback, milliseconds = 0, ...values: unknown[]): object {
  return os.setTimeout(
    guarded(() => callback(...values)),
    milliseconds,
  )
}

function clearTimeout(timer: object | undefined): void {
  if (timer !== undefined && timer !== null) os.clearTimeout(timer)
}

function setInterval(callback: Callback, milliseconds = 0, ...values: unknown[]): Interval {
  const interval: Interval = { timer: {} }
  const tick = () => {
    interval.timer = setTimeout(tick, milliseconds)
    callback(...values)
  }
  interval.timer = setTimeout(tick, milliseconds)
  return interval
}

function say(...values: unknown[]): void {
  std.err.puts(`${values.map(String).join(' ')}\n`)
  std.err.flush()
}

/** Splits into code points: Phase-1's consoles show nothing that takes several of them. */
class CodePointSegmenter {
  segment(text: string) {
    return {
      *[Symbol.iterator]() {
        let index = 0
        for (const segment of text) {
          yield { segment, index }
          index += segment.length
        }
      },
      /** The code point that this unit of UTF-16 belongs to. */
      containing(position: number) {
        if (position < 0 || position >= text.length) return undefined
        const isSecondHalf = position > 0 && (text.codePointAt(position - 1) ?? 0) > 0xffff
        const index = isSecondHalf ? position - 1 : position
        return { segment: String.fromCodePoint(text.codePointAt(index) ?? 0), index }
      },
    }
  }
}

Object.assign(globalThis, {
  global: globalThis,
  setTimeout,
  clearTimeout,
  setImmediate: (callback: Callback, ...values: unknown[]) => setTimeout(callback, 0, ...values),
  clearImmediate: clearTimeout,
  setInterval,
  clearInterval: (interval: Interval | undefined) => clearTimeout(interval?.timer),
  queueMicrotask: (callback: () => void) => void Promise.resolve().then(callback),
  performance: { now: os.now },
  console: { log: say, info: say, warn: say, error: say, debug: () => {} },
  TextEncoder: class {
    encode = encodeUtf8
  },
  TextDecoder: class {
    decode = decodeUtf8
  },
  Intl: { Segmenter: CodePointSegmenter },
})
