import { readFileSync } from 'node:fs'
import type { Platform } from '../index.ts'
import { linkState, mtuOf, otherInterfaces } from './interfaces.ts'
import { createNeighbours } from './neighbours.ts'
import { findPortHolder, isPortTaken } from './ports.ts'

export const linux: Platform = {
  otherInterfaces,
  linkState,
  mtuOf,
  createNeighbours: (now) => createNeighbours(now),
  portHolder: findPortHolder,
  isPortTaken,
  isInBackground,
  // With a terminal, SIGHUP says that it was closed or lost. For a service it means: read your configuration again.
  signals: (hasTerminal) =>
    hasTerminal
      ? { end: ['SIGINT', 'SIGTERM', 'SIGHUP'], reload: [] }
      : { end: ['SIGINT', 'SIGTERM'], reload: ['SIGHUP'] },
}

/** Whose process group has the terminal (proc_pid_stat(5)). */
function isInBackground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1')
    // The name of the program, in parentheses, may contain anything.
    const [, , processGroup, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return processGroup !== foreground
  } catch {
    return false
  }
}
