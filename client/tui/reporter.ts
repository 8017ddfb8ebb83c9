import type { ClientProgress, ClientReport } from '../contract.ts'
import { parseUrl, postJson } from './http.ts'
import type { System } from './system.ts'

/**
 * Tells the host how far this machine is. Best effort: reports are sent one after another, a step that did not arrive is
 * sent once more, and nothing waits for them but {@link settled}.
 */
export class Reporter {
  private readonly system: System
  private readonly who: Pick<ClientReport, 'mac' | 'uuid'>
  private readonly target: ReturnType<typeof parseUrl>
  private readonly waiting: ClientReport[] = []
  private sending = false

  /**
   * @param url where to post to, as `http://192.0.2.1:8000/report`; nothing is sent when it is not such an address
   * @param who sends them
   */
  constructor(system: System, url: string, who: Pick<ClientReport, 'mac' | 'uuid'>) {
    this.system = system
    this.who = who
    this.target = parseUrl(url)
  }

  report(step: ClientReport['step'], detail: string, progress?: ClientProgress): void {
    if (!this.target) return
    // Of several reports of numbers in the queue only the last one is news.
    const last = this.waiting.at(-1)
    if (isNumbers(step) && last?.step === step) this.waiting.pop()
    if (this.waiting.length >= MOST_WAITING) this.waiting.shift()
    const { who } = this
    this.waiting.push(progress === undefined ? { ...who, step, detail } : { ...who, step, detail, progress })
    if (!this.sending) void this.send()
  }

  /** Resolves when everything is sent, or after that many milliseconds. */
  async settled(milliseconds: number): Promise<void> {
    const deadline = this.system.now() + milliseconds
    while (this.sending && this.system.now() < deadline) {
      await new Promise<void>((resolve) => this.system.after(20, resolve))
    }
  }

  private async send(): Promise<void> {
    this.sending = true
    for (let report = this.waiting.shift(); report; report = this.waiting.shift()) {
      // Progress is told again soon by itself.
      const tries = report.step === 'progress' ? 1 : 2
      for (let tried = 0; tried < tries; tried++) if (await this.post(report)) break
    }
    this.sending = false
  }

  private async post(report: ClientReport): Promise<boolean> {
    const { address, port, path } = this.target ?? { address: '', port: 0, path: '' }
    try {
      await postJson(this.system, { address, port, path, body: report, timeout: TIMEOUT, limit: LIMIT })
      return true
    } catch {
      // The boot goes on without: the host may be busy, or may not want reports.
      return false
    }
  }
}

/** Steps that are told again and again while they last. */
function isNumbers(step: ClientReport['step']): boolean {
  return step === 'progress' || step === 'seeding'
}

/** Milliseconds. */
const TIMEOUT = 2000
/** Bytes of an answer, in which nothing is of use. */
const LIMIT = 64 * 1024
const MOST_WAITING = 20
