import { EventEmitter } from 'node:events'

/** One line that a machine or a program wrote. */
export interface TranscriptLine {
  readonly text: string
  /** Seconds since the transcript began, which is when the machine was switched on or the program started. */
  readonly at: number
}

export interface FoundLine extends TranscriptLine {
  readonly match: RegExpMatchArray
}

/** What a machine or a program has written so far, with times, and a way to wait for what it will write. */
export interface Transcript {
  /** Complete lines, oldest first, without control sequences. */
  readonly lines: readonly TranscriptLine[]
  /**
   * The first complete line, past or to come, that matches. Fails with the last lines of the transcript when the time is
   * over or the writer ends.
   */
  waitFor(pattern: RegExp, timeoutSeconds: number): Promise<FoundLine>
  /** The same, for what may stand in a line that has no end yet: a prompt, a row of dots. */
  waitForPrompt(pattern: RegExp, timeoutSeconds: number): Promise<FoundLine>
  /** The last lines as one text, for an error message. */
  tail(count?: number): string
  /** Calls back for each complete line from now on. */
  onLine(listener: (line: TranscriptLine) => void): void
}

/** A transcript together with the way to write it. */
export interface TranscriptWriter extends Transcript {
  /** Takes one complete line. */
  add(text: string): void
  /** Replaces the line that is being written. */
  setPartial(text: string): void
  /** Nothing more will come; `reason` says why and ends up in the error of whoever is waiting. */
  end(reason: string): void
}

/** Starts an empty transcript. `name` says in error messages whose it is. */
export function createTranscript(name: string, now: () => number = () => performance.now()): TranscriptWriter {
  const started = now()
  const lines: TranscriptLine[] = []
  const events = new EventEmitter<{ change: []; line: [TranscriptLine] }>()
  events.setMaxListeners(0)
  let partial = ''
  let ended: string | undefined

  const seconds = () => (now() - started) / 1000

  function find(pattern: RegExp, from: number, unfinished: boolean): FoundLine | undefined {
    for (const line of lines.slice(from)) {
      const match = line.text.match(pattern)
      if (match) return { ...line, match }
    }
    const match = unfinished ? partial.match(pattern) : null
    return match ? { text: partial, at: seconds(), match } : undefined
  }

  function tail(count = 40): string {
    const last = lines.slice(-count).map((line) => `${line.at.toFixed(1).padStart(7)}  ${line.text}`)
    if (partial !== '') last.push(`${seconds().toFixed(1).padStart(7)}  ${partial}`)
    return last.length > 0 ? last.join('\n') : '(it wrote nothing)'
  }

  function wait(pattern: RegExp, timeoutSeconds: number, unfinished: boolean): Promise<FoundLine> {
    return new Promise((resolve, reject) => {
      let seen = 0
      const stop = () => {
        clearTimeout(timer)
        events.off('change', check)
      }
      const fail = (why: string) => {
        stop()
        reject(new Error(`${name}: ${pattern} did not come: ${why}. The last lines were:\n${tail()}`))
      }
      const check = () => {
        const found = find(pattern, seen, unfinished)
        seen = lines.length
        if (found) {
          stop()
          resolve(found)
        } else if (ended !== undefined) fail(ended)
      }
      const timer = setTimeout(() => fail(`${timeoutSeconds} s are over`), timeoutSeconds * 1000)
      events.on('change', check)
      check()
    })
  }

  return {
    lines,
    add(text) {
      const line = { text, at: seconds() }
      lines.push(line)
      partial = ''
      events.emit('line', line)
      events.emit('change')
    },
    setPartial(text) {
      partial = text
      events.emit('change')
    },
    end(reason) {
      ended ??= reason
      events.emit('change')
    },
    onLine(listener) {
      events.on('line', listener)
    },
    tail,
    waitFor: (pattern, timeoutSeconds) => wait(pattern, timeoutSeconds, false),
    waitForPrompt: (pattern, timeoutSeconds) => wait(pattern, timeoutSeconds, true),
  }
}
