import { StringDecoder } from 'node:string_decoder'
import { stripVTControlCharacters } from 'node:util'
import type { TranscriptWriter } from './transcript.ts'

/** Sequences that put the cursor on another line: on paper, what follows is a new line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what this is about
const movesToAnotherLine = /\u001b\[[0-9;]*[ABEFHfd]|\u001b[DEM]/g

/** An escape sequence of which the end has not arrived yet. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what this is about
const unfinishedSequence = /\u001b(\[[0-9;?=]*)?$/

/** Terminal modes of the old BIOS kind (`ESC [ = 3 h`), which stripVTControlCharacters does not know. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what this is about
const oldModes = /\u001b\[=\d*[hl]/g

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const controlCharacters = /[\u0000-\u0008\u000b-\u001f\u007f]/g

/**
 * Turns the raw bytes of a serial console into the lines of a transcript.
 *
 * Firmware and full-screen programs do not end their lines but move the cursor, so a move to another line counts as one.
 * Lines that hold nothing but blanks are left out. Returns the function that takes the bytes.
 */
export function serialInto(transcript: TranscriptWriter): (chunk: Uint8Array) => void {
  const decoder = new StringDecoder('utf8')
  let pending = ''
  return (chunk) => {
    pending += decoder.write(Buffer.from(chunk))
    const unfinished = pending.match(unfinishedSequence)?.[0] ?? ''
    const complete = pending.slice(0, pending.length - unfinished.length)
    const lines = complete.replace(movesToAnotherLine, '\n').split(/\r*\n/)
    const partial = lines.pop() ?? ''
    for (const line of lines) {
      const text = plain(line)
      if (text !== '') transcript.add(text)
    }
    transcript.setPartial(plain(partial))
    pending = partial + unfinished
  }
}

/** A lone carriage return starts the line again; what the later text does not cover is seldom of interest. */
function plain(line: string): string {
  const text = stripVTControlCharacters(line.replace(oldModes, ''))
  const rewritten = text.split('\r').findLast((part) => part.trim() !== '') ?? ''
  return rewritten.replace(controlCharacters, '').trimEnd()
}
