import { constants } from 'node:fs'

/**
 * Flags to open a file of somebody else's for reading: without O_NONBLOCK, opening a FIFO waits for a writer for ever, and no
 * signal ends that. Windows has neither.
 */
export const READING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)
