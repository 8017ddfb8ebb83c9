import type { Surroundings } from './attempt.ts'
import { Failure } from './failure.ts'
import { describeExit } from './methods.ts'
import type { PowerAction } from './state.ts'

/** Restarts the machine or switches it off. When it resolves, that has failed. */
export async function leave({ system, settings, journal, consoles }: Surroundings, how: PowerAction): Promise<Failure> {
  journal.power(how)
  await consoles.settled(CONSOLE_PATIENCE)
  consoles.release()
  const lines: string[] = []
  const exit = await system.spawn({ words: [settings.power, how], onLine: (line) => lines.push(line) }).exit
  const what = how === 'restart' ? 'restart' : 'switch itself off'
  return new Failure(`This machine could not ${what} (${describeExit(exit)}).`, {
    todo: 'Press its power button for some seconds.',
    details: lines.slice(-KEPT_LINES),
  })
}

/** Milliseconds a slow console may take to show the last lines. */
const CONSOLE_PATIENCE = 1000
const KEPT_LINES = 6
