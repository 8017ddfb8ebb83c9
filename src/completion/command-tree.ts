/** What can be typed, as completion needs it: taken from the command line itself, so that it cannot differ from it. */
import type { Argument, Command, Option } from 'commander'
import { flags as settings } from '../environment/overrides.ts'

export interface CompletedCommand {
  readonly name: string
  readonly description: string
  readonly flags: readonly CompletedFlag[]
  /** What stands behind the command and is no flag. */
  readonly values: Values
}

export interface CompletedFlag {
  /** As `--json`. */
  readonly name: string
  /** As `-h`. */
  readonly short: string | undefined
  readonly description: string
  /** What stands behind it; undefined when it stands alone. */
  readonly values: Values | undefined
}

/** `anything` is what nobody can guess. */
export type Values = 'folders' | 'files' | 'anything' | 'nothing' | readonly string[]

export interface CommandTree {
  readonly program: string
  readonly flags: readonly CompletedFlag[]
  readonly commands: readonly CompletedCommand[]
}

export function commandTree(program: Command): CommandTree {
  return {
    program: program.name(),
    flags: flagsOf(program),
    commands: program.commands.map((command) => ({
      name: command.name(),
      description: command.description(),
      flags: flagsOf(command),
      values: command.registeredArguments.map(argumentValues)[0] ?? 'nothing',
    })),
  }
}

function flagsOf(command: Command): CompletedFlag[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap((option) => (option.long ? [flagOf(option, option.long)] : []))
}

function flagOf(option: Option, name: string): CompletedFlag {
  const takesValue = option.required || option.optional
  const values = option.argChoices ?? choicesOfSetting(name) ?? valuesNamed(placeholderOf(option.flags))
  return {
    name,
    short: option.short ?? undefined,
    description: option.description,
    values: takesValue ? values : undefined,
  }
}

/** Settings are read with those of the file, so the command line itself does not know what they can be. */
function choicesOfSetting(flag: string): readonly string[] | undefined {
  return settings.find(({ name }) => `--${name}` === flag)?.choices
}

function argumentValues(argument: Argument): Values {
  return argument.argChoices ?? valuesNamed(argument.name())
}

/** The command line calls folders `dir` and files `path`. */
function valuesNamed(name: string): Values {
  if (name === 'dir') return 'folders'
  return name === 'path' ? 'files' : 'anything'
}

/** `--to <dir>` → `dir` */
function placeholderOf(flags: string): string {
  return /[<[]([^.>\]]+)/.exec(flags)?.[1] ?? ''
}
