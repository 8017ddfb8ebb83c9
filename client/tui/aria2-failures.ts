import type { Aria2Log } from './aria2-log.ts'
import { Failure } from './failure.ts'
import type { Exit } from './system.ts'

/** aria2's EXIT STATUS 9: not enough disk space available. Its disk is our memory. */
const DISK_FULL = 9

export function refused(code: number, message: string, log: Aria2Log): Failure {
  const details = [message, ...log.lastLines].filter((line) => line !== '')
  if (code === DISK_FULL || details.some(isDiskFull)) {
    return memoryFull(details)
  }
  return new Failure('The download failed.', { todo: 'Try again, or choose another system.', details, mayPass: true })
}

/** ENOSPC, as any program says it. */
export function isDiskFull(line: string): boolean {
  return line.includes('No space left on device')
}

/** The failure of a machine with too little memory. */
export function memoryFull(details: readonly string[]): Failure {
  return new Failure('The memory of this machine is full.', {
    todo: 'Choose a smaller system, or give this machine more memory: all of the system has to fit into it.',
    details,
  })
}

export function ended(exit: Exit, log: Aria2Log): Failure {
  const how = 'code' in exit ? `with code ${exit.code}` : `by signal ${exit.signal}`
  if (log.lastLines.some(isDiskFull)) return memoryFull(log.lastLines)
  return new Failure(`The download program aria2 ended ${how}.`, { todo: 'Try again.', details: log.lastLines })
}
