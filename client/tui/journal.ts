import { cleanText } from '../../src/ui/format.ts'
import type { ClientProgress } from '../contract.ts'
import { type Damage, describeDamage } from './damage.ts'
import type { Failure } from './failure.ts'
import type { OpenHypervisor } from './hypervisor.ts'
import type { Reporter } from './reporter.ts'
import type { PowerAction } from './state.ts'

/** As many characters of a report as the host keeps. */
const HOST_LIMIT = 256

/** Every step of a boot is told twice: as a plain line on the consoles, and to the host. */
export class Journal {
  private readonly print: (line: string) => void
  private readonly reporter: Reporter

  constructor(print: (line: string) => void, reporter: Reporter) {
    this.print = print
    this.reporter = reporter
  }

  menu(systems: number, rest: string): void {
    const count = `${systems} ${systems === 1 ? 'system' : 'systems'}`
    this.line('menu', `${count}, ${rest}`)
    this.reporter.report('menu', count)
  }

  download(name: string, bytes: number): void {
    this.line('download', `${name} ${bytes} bytes`)
    this.reporter.report('download', name)
  }

  /** A quarter of the way: only these are lines, or a log of the serial console would be nothing else. */
  quarter(name: string, percent: number): void {
    this.line('progress', `${name} ${percent}%`)
  }

  /** The numbers of a download, for the host alone. */
  progress(name: string, percent: number, numbers: ClientProgress): void {
    this.reporter.report('progress', `${name} ${percent}%`, numbers)
  }

  /** Nothing has come for a while, and this is why. */
  waiting(name: string, percent: number, why: string, numbers: ClientProgress): void {
    this.line('waiting', `${name} ${percent}%: ${why}`)
    this.stillWaiting(name, percent, why, numbers)
  }

  /** The same again, for the host alone. */
  stillWaiting(name: string, percent: number, why: string, numbers: ClientProgress): void {
    this.reporter.report('progress', `${name} ${percent}%: ${why}`, numbers)
  }

  /** A piece came with a wrong hash. */
  damaged(name: string, damage: Damage): void {
    this.trouble(`${name}: ${describeDamage(damage)}; what is damaged is fetched again`)
  }

  /** How many pieces did, when the download is over. */
  mended(name: string, damage: Damage): void {
    this.trouble(`${name}: ${describeDamage(damage)}, and ${damage.pieces === 1 ? 'was' : 'were'} fetched again`)
  }

  complete(name: string, seconds: number, numbers: ClientProgress): void {
    const detail = `${name} verified ${Math.round(seconds)} s`
    this.line('complete', detail)
    this.reporter.report('complete', detail, numbers)
  }

  seeding(name: string, seconds: number): void {
    const detail = `${name} up to ${seconds} s`
    this.line('seeding', detail)
    this.reporter.report('seeding', detail)
  }

  /** What a machine that has everything gives to others, for the host alone. */
  given(name: string, seconds: number, numbers: ClientProgress): void {
    this.reporter.report('seeding', `${name} up to ${seconds} s`, numbers)
  }

  nobodyWaits(name: string): void {
    const detail = `${name} over, every machine has it`
    this.line('seeding', detail)
    this.reporter.report('seeding', detail)
  }

  start(name: string, method: string): void {
    this.line('start', `${name} ${method}`)
    this.reporter.report('start', `${name} ${method}`)
  }

  /** How the machine is made that a system runs in. */
  hypervisor(name: string, { hasScreen, hasKvm, remarks }: OpenHypervisor): void {
    const how = [hasScreen ? 'on the screen' : 'on a terminal', hasKvm ? 'with KVM' : 'in software', ...remarks]
    this.line('hypervisor', `${name} ${how.join(', ')}`)
  }

  ended(name: string, result: string): void {
    this.line('ended', `${name} ${result}`)
  }

  /** Somebody restarts the machine or switches it off. */
  power(action: PowerAction): void {
    this.line('power', action)
  }

  /** The host is also told the first of the exact words: figures and reasons stand there. */
  failed({ message, details }: Pick<Failure, 'message' | 'details'>): void {
    this.line('failed', message)
    const first = details.find((line) => line.trim() !== '') ?? ''
    this.reporter.report('failed', cleanText(`${message} ${first.trim()}`.trimEnd(), HOST_LIMIT))
  }

  /** Gives the reports a moment to leave. */
  settled(milliseconds: number): Promise<void> {
    return this.reporter.settled(milliseconds)
  }

  private trouble(text: string): void {
    this.line('trouble', text)
    this.reporter.report('trouble', text)
  }

  private line(step: string, text: string): void {
    this.print(`boottorrent: ${step} ${cleanText(text)}`)
  }
}
