import { open } from 'node:fs/promises'
import { READING } from '../reading.ts'
import type { ProblemCode } from './problems.ts'

/** No file that people write for boottorrent comes near this; whatever is larger is not one of them. */
export const LARGEST_TEXT_FILE = 1024 * 1024

/** The text of a file, or why there is none. */
export type TextFile = { readonly text: string } | Refusal

export interface Refusal {
  readonly code: ProblemCode
  readonly message: string
  readonly hint: string
}

/**
 * Reads a UTF-8 text file whatever its path leads to: never hangs on a FIFO, never reads without end from a device, never
 * takes another encoding for UTF-8.
 */
export async function readTextFile(path: string): Promise<TextFile> {
  let bytes: Uint8Array
  try {
    await using file = await open(path, READING)
    const stats = await file.stat()
    if (!stats.isFile()) return notAFile(stats.isDirectory() ? 'a folder' : 'not a regular file')
    if (stats.size > LARGEST_TEXT_FILE) return tooLarge
    const buffer = Buffer.alloc(LARGEST_TEXT_FILE + 1)
    let length = 0
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    // Files in /proc say that they are empty and are not, so the size is not to be believed.
    if (length > LARGEST_TEXT_FILE) return tooLarge
    bytes = buffer.subarray(0, length)
  } catch (error) {
    return refusalOf(error as NodeJS.ErrnoException)
  }
  return decode(bytes)
}

/** What a failed system call on a file means to the user. */
export function refusalOf(error: NodeJS.ErrnoException): Refusal {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return { code: 'missing-file', message: 'the file is not there', hint: 'Create it, or correct the path.' }
    case 'EACCES':
    case 'EPERM':
      return {
        code: 'unreadable-file',
        message: 'the file may not be read by this user',
        hint: 'Give this user the right to read it.',
      }
    case 'EISDIR':
      return notAFile('a folder')
    // A socket, or a device without a driver.
    case 'ENXIO':
      return notAFile('not a regular file')
    case 'ELOOP':
      return {
        code: 'unreadable-file',
        message: 'the path is a circle of symbolic links',
        hint: 'Let the link point to a real file.',
      }
    default:
      return {
        code: 'unreadable-file',
        message: `the file cannot be read (${error.code ?? error.message})`,
        hint: 'Look at the file and at the disk it lies on.',
      }
  }
}

function decode(bytes: Uint8Array): TextFile {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return notUtf8
  }
  // UTF-16 without a byte order mark is valid UTF-8 full of zeros.
  return text.includes('\0') ? notUtf8 : { text }
}

const notUtf8: Refusal = {
  code: 'not-utf8',
  message: 'the file is not UTF-8 text',
  hint: 'Save it again with the encoding UTF-8.',
}

const tooLarge: Refusal = {
  code: 'too-large',
  message: `the file is larger than ${LARGEST_TEXT_FILE / 1024} KiB`,
  hint: 'This does not look like a configuration file: put the right one in its place.',
}

function notAFile(what: string): Refusal {
  return { code: 'not-a-file', message: `this is ${what}`, hint: 'Put a file in its place.' }
}
