import type { YAMLError } from 'yaml'
import { quoted } from './problems.ts'

interface Sentences {
  readonly message: string
  readonly hint: string
}

export const TOO_DEEP: Sentences = {
  message: 'this is nested too deeply',
  hint: 'Nothing in an environment is more than a few levels deep: remove brackets, or indent less.',
}

const OPEN_QUOTE: Sentences = {
  message: 'a quotation mark is never closed',
  hint: 'Look for the one that is missing here or above.',
}

/** A mistake that the YAML parser found, in words for somebody who does not know YAML by heart. */
export function syntaxProblem(mistake: YAMLError): Sentences {
  // The parser is recursive and reports its own exhausted stack like any mistake.
  if (/call stack|stack overflow/i.test(mistake.message)) return TOO_DEEP
  if (/closing ["']quote/.test(mistake.message)) return OPEN_QUOTE
  const known = sentences[mistake.code]
  return {
    message: known?.message ?? `this is not YAML: ${parserMessage(mistake)}`,
    hint: known?.hint ?? 'Write "key: value", one to a line, and indent with spaces.',
  }
}

/** The parser's messages are full sentences that may repeat parts of the file. */
function parserMessage({ message }: YAMLError): string {
  const [line = ''] = message.split('\n', 1)
  return quoted(line.slice(0, 1).toLowerCase() + line.slice(1)).slice(1, -1)
}

const sentences: { readonly [code in YAMLError['code']]?: { readonly message?: string; readonly hint: string } } = {
  BAD_DQ_ESCAPE: { hint: 'Write text with backslashes in single quotation marks.' },
  BAD_INDENT: { hint: 'Let keys that belong together start in the same column.' },
  BAD_SCALAR_START: { hint: 'Put the value into quotation marks.' },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'there are two colons in this line',
    hint: 'Put a value that contains ": " into quotation marks, or begin a new line.',
  },
  KEY_OVER_1024_CHARS: { hint: 'This does not look like a configuration file: put the right one in its place.' },
  MISSING_CHAR: { hint: 'Look for a missing quotation mark, bracket or colon here or just above.' },
  MULTIPLE_DOCS: {
    message: 'a second document begins here',
    hint: 'Keep one document in the file: remove the line "---" and what follows.',
  },
  TAB_AS_INDENT: { message: 'this line is indented with tabs', hint: 'Indent with spaces instead.' },
  TAG_RESOLVE_FAILED: { hint: 'Remove the word that begins with "!".' },
}
