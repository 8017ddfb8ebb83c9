/** Scripts with which shells complete what is typed behind `boottorrent`. */
import type { Command } from 'commander'
import { bashCompletion } from './bash.ts'
import { commandTree } from './command-tree.ts'
import { fishCompletion } from './fish.ts'
import { zshCompletion } from './zsh.ts'

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const

export type Shell = keyof typeof scripts

/** The script of a shell for all commands and flags of a program. */
export function completionScript(shell: Shell, program: Command): string {
  return scripts[shell](commandTree(program))
}
