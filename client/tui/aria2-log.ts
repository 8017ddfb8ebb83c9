import { cleanText } from '../../src/ui/format.ts'
import { addDamage, noDamage } from './damage.ts'

/** What aria2 says on its console, as far as it matters: its last words, what is wrong with the tracker, wrong pieces. */
export class Aria2Log {
  /** The newest last. */
  readonly lastLines: string[] = []
  /** The reason of the last refused announce. aria2 goes on trying and tells nobody but its log. */
  trackerProblem: string | undefined
  /** What the tracker wants people to know. aria2 asks it every 15 s, and tells nobody when it says so no more. */
  trackerWarning: string | undefined
  damage = noDamage
  private aboutTracker = false

  add(line: string): void {
    const clean = cleanText(withoutPrivateParts(line), 300).trim()
    if (clean === '') return
    this.lastLines.push(clean)
    if (this.lastLines.length > KEPT_LINES) this.lastLines.shift()

    this.trackerWarning = TRACKER_WARNING.exec(clean)?.[1] ?? this.trackerWarning
    const sender = WRONG_PIECE.exec(clean)?.[1]
    if (sender !== undefined) this.damage = addDamage(this.damage, sender)

    // An error takes two lines: where it was, then why ("Exception: [file:line] errorCode=1 reason").
    if (/\[(ERROR|WARN)\]/.test(clean)) this.aboutTracker = /Tracker request|announce\?info_hash=/.test(line)
    else if (this.aboutTracker) this.trackerProblem = clean.replace(/^.*errorCode=\d+ /, '')
  }
}

const KEPT_LINES = 6
const TRACKER_WARNING = /Tracker returned warning message: (.+)$/
/** A line of ours (client/build/aria2.patch). The address is of whoever sent the last part of the piece. */
const WRONG_PIECE = /we got wrong piece\. index=\d+ from=([\da-f.:]+)$/

/** An announce address is long, and says nothing to a person after its question mark. */
function withoutPrivateParts(line: string): string {
  return line.replace(/\?info_hash=\S*/, '')
}
