import { cleanText } from '../../src/ui/format.ts'
import type { ClientConfiguration, ClientOs } from '../contract.ts'
import { Attempt, type Surroundings } from './attempt.ts'
import { Countdown } from './countdown.ts'
import { describeBoth } from './details.ts'
import { Failure, toFailure } from './failure.ts'
import { leave } from './power.ts'
import { emptyMemory } from './room.ts'
import type { KeyPress, PowerAction, State } from './state.ts'

/**
 * What one machine does from the menu to its operating system. It knows neither screens nor terminals: it has a state that
 * others show, and is told keys.
 */
export class Session {
  private readonly surroundings: Surroundings
  private readonly configuration: ClientConfiguration
  private readonly openShell: (terminal: string) => void
  private readonly onChange: (state: State) => void
  private countdown: Countdown | undefined
  private attempt: Attempt | undefined
  private lastStarted: ClientOs | undefined
  private readonly memory = emptyMemory()
  /** Settles when the last attempt is over, also one that was given up. */
  private lastAttempt: Promise<void> = Promise.resolve()
  private current: State = { screen: 'menu', selected: 0, secondsLeft: undefined }

  constructor(
    surroundings: Surroundings,
    configuration: ClientConfiguration,
    openShell: (terminal: string) => void,
    onChange: (state: State) => void,
  ) {
    this.surroundings = surroundings
    this.configuration = configuration
    this.openShell = openShell
    this.onChange = onChange
  }

  get state(): State {
    return this.current
  }

  /** Shows the menu for the first time, or starts the default at once when that is wanted. */
  begin(): void {
    const { oss, defaultOs, timeout } = this.configuration
    if (oss.length === 0) {
      const todo = 'Add one on the server with "boottorrent add", then start this machine again.'
      this.fail(new Failure('There is no system to start.', { todo }), undefined)
      return
    }
    const selected = Math.max(
      0,
      oss.findIndex((os) => os.name === defaultOs),
    )
    const byDefault = defaultOs === null ? undefined : oss[selected]
    const seconds = byDefault !== undefined && timeout >= 0 ? Math.ceil(timeout) : undefined
    this.surroundings.journal.menu(oss.length, describeDefault(defaultOs, seconds))
    if (byDefault && seconds === 0) {
      this.start(byDefault)
      return
    }
    this.set({ screen: 'menu', selected, secondsLeft: seconds })
    if (byDefault && seconds !== undefined) this.countDown(seconds, () => this.start(byDefault))
  }

  /** Shows why nothing can be started at all. */
  refuse(failure: Failure): void {
    this.fail(failure, undefined)
  }

  /** @param terminal path of the console the key was pressed on */
  press(press: KeyPress, terminal: string): void {
    if (press.key === 'repaint') return
    this.stopCountdown()
    const state = this.current
    this.act(press, terminal, state)
    // Whatever else a key does, from now on nothing is counted.
    if (this.current === state) this.showSeconds(undefined)
  }

  private act(press: KeyPress, terminal: string, state: State): void {
    if (press.key === 'shell') this.shell(terminal)
    else if (state.screen === 'power') this.pressInPower(press, state.before)
    else if (state.screen === 'details') this.set(state.before)
    else if (canPower(state) && isLetter(press, 'x')) this.set({ screen: 'power', before: waiting(state) })
    else if (state.screen === 'menu') this.pressInMenu(press, terminal, state.selected)
    else if (state.screen === 'failure') this.pressInFailure(press, terminal, state.os)
    else if (state.screen === 'ended') this.backToMenu()
    else if (state.screen === 'download' && isBack(press)) this.backToMenu()
    else if (state.screen === 'seeding' && isBack(press)) this.backToMenu()
    else if (state.screen === 'running' && isLetter(press, 'q')) this.attempt?.endProgram()
    else if (state.screen === 'seeding' && press.key === 'enter') this.attempt?.startNow()
  }

  private pressInMenu(press: KeyPress, terminal: string, selected: number): void {
    const { oss } = this.configuration
    const os = oss[selected]
    if (press.key === 'up') this.select((selected + oss.length - 1) % oss.length)
    else if (press.key === 'down') this.select((selected + 1) % oss.length)
    else if (press.key === 'page up') this.select(Math.max(0, selected - PAGE))
    else if (press.key === 'page down') this.select(Math.min(oss.length - 1, selected + PAGE))
    else if (press.key === 'first') this.select(0)
    else if (press.key === 'last') this.select(oss.length - 1)
    else if (press.key === 'enter' && os) this.start(os, terminal)
    else if (isLetter(press, 'i')) this.showDetails()
    else if (press.key === 'text' && /^[1-9]$/.test(press.text)) {
      const index = Number(press.text) - 1
      if (index < oss.length) this.select(index)
    }
  }

  private pressInFailure(press: KeyPress, terminal: string, os: ClientOs | undefined): void {
    if (isLetter(press, 's')) this.shell(terminal)
    else if (isBack(press)) this.backToMenu()
    else if (os && (isLetter(press, 'r') || press.key === 'enter')) this.start(os, terminal)
  }

  private pressInPower(press: KeyPress, before: State): void {
    if (isLetter(press, 'r')) void this.leave('restart')
    else if (isLetter(press, 'p')) void this.leave('off')
    else this.set(before)
  }

  private async leave(how: PowerAction): Promise<void> {
    this.set({ screen: 'leaving', how })
    this.fail(await leave(this.surroundings, how), undefined)
  }

  /** Who may have one is decided by the program; where nobody may, the key means nothing. */
  private shell(terminal: string): void {
    if (this.configuration.shell !== 'off') this.openShell(terminal)
  }

  private showDetails(): void {
    const sections = describeBoth(this.surroundings, this.configuration)
    this.set({ screen: 'details', sections, before: waiting(this.current) })
  }

  private select(selected: number): void {
    this.set({ screen: 'menu', selected, secondsLeft: undefined })
  }

  private backToMenu(): void {
    this.stopCountdown()
    const { oss, defaultOs } = this.configuration
    if (oss.length === 0) return
    const last = this.lastStarted?.name ?? defaultOs
    this.attempt?.abort()
    this.attempt = undefined
    this.select(
      Math.max(
        0,
        oss.findIndex((os) => os.name === last),
      ),
    )
  }

  /** @param terminal the console it was chosen on, which a program then gets; by default the first */
  private start(os: ClientOs, terminal = this.surroundings.consoles.first): void {
    this.stopCountdown()
    this.lastStarted = os
    const attempt = new Attempt(this.surroundings, this.configuration, { os, terminal }, this.memory, (state) => {
      // Of an attempt that was given up nothing more is shown.
      if (this.attempt === attempt) this.set(state)
    })
    this.attempt = attempt
    this.lastAttempt = attempt.run(this.lastAttempt).catch((error: unknown) => {
      if (this.attempt !== attempt) return
      this.attempt = undefined
      this.fail(toFailure(error), os)
    })
  }

  private fail(failure: Failure, os: ClientOs | undefined): void {
    this.surroundings.journal.failed(failure)
    const secondsLeft = failure.mayPass && os ? RETRY_AFTER : undefined
    this.set({ screen: 'failure', failure, os, secondsLeft })
    if (secondsLeft !== undefined && os) this.countDown(secondsLeft, () => this.start(os))
  }

  private countDown(seconds: number, onEnd: () => void): void {
    this.countdown = new Countdown(this.surroundings.system, seconds, (left) => this.showSeconds(left), onEnd)
  }

  private stopCountdown(): void {
    this.countdown?.stop()
    this.countdown = undefined
  }

  private showSeconds(secondsLeft: number | undefined): void {
    const state = this.current
    if (state.screen !== 'menu' && state.screen !== 'failure') return
    if (state.secondsLeft !== secondsLeft) this.set({ ...state, secondsLeft })
  }

  private set(state: State): void {
    this.current = state
    this.onChange(state)
  }
}

/** How far the page keys go: about one screen. */
const PAGE = 9

/** Seconds until something that may pass is tried again by itself: a classroom has nobody at each machine. */
const RETRY_AFTER = 30

function describeDefault(defaultOs: string | null, seconds: number | undefined): string {
  if (defaultOs === null) return 'no default'
  const name = cleanText(defaultOs, 100)
  return seconds === undefined ? `default ${name}, waiting` : `default ${name} in ${seconds} s`
}

/** Where nothing is lost when the machine goes. */
function canPower(state: State): boolean {
  return state.screen === 'menu' || state.screen === 'failure'
}

/** The same, without a countdown. */
function waiting(state: State): State {
  return state.screen === 'menu' || state.screen === 'failure' ? { ...state, secondsLeft: undefined } : state
}

function isBack(press: KeyPress): boolean {
  return press.key === 'escape' || isLetter(press, 'm')
}

function isLetter(press: KeyPress, letter: string): boolean {
  return press.key === 'text' && press.text.toLowerCase() === letter
}
