import { styleText } from 'node:util'
import { BoottorrentError } from '../../src/errors.ts'
import { parseEvent } from './boot-server.ts'
import type { BootStep } from './boot-steps.ts'

/** How the demo talks: with colours and a running clock on a terminal, in plain lines otherwise. */
export interface DemoScreen {
  title(text: string): void
  /** One line about the set-up. */
  fact(name: string, text: string): void
  /** Somebody else draws on the terminal from now on, until there is a summary or a failure. */
  handOver(): void
  /** A line of the machine's serial console. */
  serial(text: string): void
  /** A line of the server's `--json`. */
  server(text: string): void
  step(step: BootStep): void
  summary(table: string): void
  failure(error: unknown): void
  close(): void
}

/** A menu that is drawn again and again says the same again and again: lines seen this recently are left out. */
const recentLines = 40

type Style = Parameters<typeof styleText>[0]

export function createDemoScreen(output: NodeJS.WriteStream): DemoScreen {
  const live = output.isTTY === true
  const recent: string[] = []
  let switchedOn: number | undefined
  let last = { title: 'power on', at: 0 }

  const paint = (style: Style, text: string) => styleText(style, text, { stream: output })
  const width = () => Math.max(40, output.columns ?? 200)

  /** Writes a line above the clock. */
  function line(text: string): void {
    output.write(`${live ? '\r\u001b[K' : ''}${text}\n`)
    clock()
  }

  /** The clock shows that something is happening while nothing is said: firmware takes its time. */
  function clock(): void {
    if (!live || switchedOn === undefined) return
    const now = (performance.now() - switchedOn) / 1000
    const text = `${now.toFixed(0).padStart(4)} s     ${(now - last.at).toFixed(0)} s since: ${last.title}`
    output.write(`\r\u001b[K${paint('dim', text.slice(0, width() - 1))}`)
  }
  const ticking = live ? setInterval(clock, 1000) : undefined
  ticking?.unref()

  /** Somebody's words, each row with their name in front. */
  function quote(who: string, text: string): void {
    const prefix = `         ${who} │ `
    for (const row of rows(text, live ? width() - prefix.length - 1 : Number.POSITIVE_INFINITY)) {
      line(`${paint('dim', prefix)}${row}`)
    }
  }

  return {
    title: (text) => line(`${paint('bold', text)}\n`),
    fact: (name, text) => {
      line(`  ${paint('dim', name.padEnd(9))}${text}`)
      if (name === 'machine') {
        switchedOn = performance.now()
        line('')
      }
    },
    handOver() {
      switchedOn = undefined
    },
    serial(text) {
      if (recent.includes(text)) return
      recent.push(text)
      if (recent.length > recentLines) recent.shift()
      quote('serial', text)
    },
    server(text) {
      const event = parseEvent({ text, at: 0 })
      if (!event) quote('server', text)
      else if (event.mac || event.level === 'warn' || event.level === 'error') quote('server', event.message)
    },
    step({ title, at = 0 }) {
      last = { title, at }
      line(`${paint('bold', `${at.toFixed(1).padStart(6)} s`)} ${paint('green', `● ${title}`)}`)
    },
    summary(table) {
      switchedOn = undefined
      line(`\n${paint('bold', 'The machine booted over BitTorrent.')}\n\n${table}\n`)
    },
    failure(error) {
      switchedOn = undefined
      line(`\n${paint('red', 'The demo did not succeed.')}\n${error instanceof Error ? error.message : String(error)}`)
      if (error instanceof BoottorrentError && error.hint) line(error.hint)
    },
    close() {
      clearInterval(ticking)
      switchedOn = undefined
      if (live) output.write('\r\u001b[K')
    },
  }
}

/** Cuts a long line into rows of this width at most. */
function rows(text: string, width: number): string[] {
  const cut: string[] = []
  for (let rest = text; rest !== ''; rest = rest.slice(width)) cut.push(rest.slice(0, width))
  return cut
}
