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
  *segment(text: string) {
    let index = 0
    for (const segment of text) {
      yield { segment, index }
      index += segment.length
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
