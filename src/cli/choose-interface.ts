/** Which interface `init` writes down, and who decides that. */
import {
  chooseInterface,
  type Interfaces,
  type ServedInterface,
  sensibleInterfaces,
} from '../environment/interfaces.ts'
import type { Io } from './io.ts'

export interface Found {
  readonly served: ServedInterface | undefined
  /** What could be served, when nothing was chosen. */
  readonly choices: readonly ServedInterface[]
}

/**
 * The interface that was named, the only sensible one, or the one that a person at the terminal chooses among several. Where
 * nobody can be asked, or who is asked leaves it open, none is.
 *
 * @throws BoottorrentError INTERFACE when the named one cannot be served
 */
export async function findInterface(named: string | undefined, io: Io, interfaces: Interfaces): Promise<Found> {
  if (named !== undefined) return { served: chooseInterface(interfaces, { interface: named }), choices: [] }
  const choices = sensibleInterfaces(interfaces)
  if (choices.length === 1) return { served: choices[0], choices }
  return { served: choices.length > 1 ? await askFor(choices, io) : undefined, choices }
}

/** A wrong answer is asked for again; an end of input (Ctrl+D) ends the questions. */
async function askFor(choices: readonly ServedInterface[], io: Io): Promise<ServedInterface | undefined> {
  if (!io.ask) return undefined
  const width = Math.max(...choices.map(({ name }) => name.length))
  const lines = choices.map(({ name, address }, index) => `  ${index + 1}  ${name.padEnd(width)}  ${address}`)
  io.stdout.write(`Several network interfaces could be served:\n${lines.join('\n')}\n`)
  for (;;) {
    const answer = (await io.ask('Which one are the machines on? (number or name; Enter decides later) '))?.trim()
    if (answer === undefined || answer === '') return undefined
    const chosen = choices.find(({ name }, index) => answer === name || answer === String(index + 1))
    if (chosen !== undefined) return chosen
    io.stdout.write(`"${answer}" is none of them: type a number from 1 to ${choices.length}, or a name.\n`)
  }
}
