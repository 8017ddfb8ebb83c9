import { cleanText } from '../../src/ui/index.ts'
import type { ClientOs } from '../contract.ts'

/** What a system is called in a sentence. */
export function nameOf({ displayName }: Pick<ClientOs, 'displayName'>): string {
  return cleanText(displayName, 40)
}

export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
