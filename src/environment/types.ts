import { nearest } from './nearest.ts'
import { quoted } from './problems.ts'
import { listOf, scalar, type Type, Wrong } from './schema.ts'

/** One line of text, for people or for programs that take lines: no control characters, not empty. */
export function line(expected: string, limit: number): Type<string> {
  return scalar(expected, (text) => {
    const trimmed = text.trim()
    if (trimmed === '') return new Wrong('the value is empty')
    if (hasControlCharacters(trimmed))
      return new Wrong('the value contains control characters', 'Write one line of plain text.')
    if (Buffer.byteLength(trimmed) > limit)
      return new Wrong(`the value is longer than ${limit} bytes`, 'Make it shorter.')
    return trimmed
  })
}

/** Words on one line, possibly none. Line breaks, as folded YAML text has them, count as blanks. */
export function words(expected: string, limit: number): Type<string> {
  return scalar(expected, (text) => {
    const joined = text
      .replaceAll(/\s*[\r\n]\s*/g, ' ')
      .replaceAll('\t', ' ')
      .trim()
    if (hasControlCharacters(joined)) return new Wrong('the value contains control characters', 'Write plain text.')
    if (Buffer.byteLength(joined) > limit)
      return new Wrong(`the value is longer than ${limit} bytes`, 'Make it shorter.')
    return joined
  })
}

/** Yes or no. 2018's files write them as YAML 1.1 knew them. */
export const yesOrNo: Type<boolean> = scalar('true or false', (text) => {
  const word = text.trim().toLowerCase()
  if (['true', 'yes', 'on', 'y'].includes(word)) return true
  if (['false', 'no', 'off', 'n'].includes(word)) return false
  return new Wrong()
})

/** A whole number between two limits, both allowed. */
export function wholeNumber(expected: string, lowest: number, highest: number): Type<number> {
  return scalar(expected, (text) => {
    if (!/^[+-]?\d{1,15}$/.test(text.trim())) return new Wrong()
    const number = Number(text.trim())
    if (number < lowest) return new Wrong(`${number} is too small`, `Write a number from ${lowest} to ${highest}.`)
    if (number > highest) return new Wrong(`${number} is too large`, `Write a number from ${lowest} to ${highest}.`)
    return number
  })
}

/** A TCP or UDP port that can be listened on. */
export const port: Type<number> = wholeNumber('a port number from 1 to 65535', 1, 65535)

/** One of a few words. */
export function oneOf<const W extends string>(...known: readonly W[]): Type<W> {
  const expected = `one of ${known.join(', ')}`
  const type = scalar(expected, (text) => {
    const word = text.trim()
    const found = known.find((candidate) => candidate === word)
    if (found !== undefined) return found
    const guess = nearest(word, known)
    return new Wrong(`${quoted(word)} is not ${expected}`, guess ? `Did you mean "${guess}"?` : `Write ${expected}.`)
  })
  return { ...type, choices: known }
}

/** Words for a program: a list, or one line that is split at blanks as a shell splits it (quotes hold words together). */
export function argumentWords(expected: string): Type<readonly string[]> {
  const limit = 32_768
  const inOneLine = scalar(
    expected,
    (text) => splitWords(text) ?? new Wrong('a quotation mark is never closed', 'Close it.'),
  )
  const oneByOne = listOf(words(expected, limit), { expected })
  const checked = words(expected, limit)
  return {
    expected,
    read(value, findings) {
      if (value.kind === 'list') return oneByOne.read(value, findings)?.map((item) => item.value)
      return checked.read(value, findings) === undefined ? undefined : inOneLine.read(value, findings)
    },
  }
}

/** Splits at blanks outside quotation marks. Backslashes are ordinary: no shell is between the file and the program. */
export function splitWords(text: string): string[] | undefined {
  const found: string[] = []
  let rest = text.trim()
  while (rest !== '') {
    const word = /^(?:[^\s"']|"[^"]*"|'[^']*')+(?=\s|$)/.exec(rest)?.[0]
    if (word === undefined) return undefined
    found.push(word.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'))
    rest = rest.slice(word.length).trimStart()
  }
  return found
}

/** A value that has had a meaning once: whatever it is, it is accepted. */
export const anything: Type<true> = { expected: 'anything', read: () => true }

export function hasControlCharacters(text: string): boolean {
  return /[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)
}
