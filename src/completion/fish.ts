import type { CommandTree, CompletedFlag, Values } from './command-tree.ts'

/** Completion for fish, one line for each word that there is. */
export function fishCompletion({ program, flags, commands }: CommandTree): string {
  const names = commands.map(({ name }) => name)
  const noCommand = `not __fish_seen_subcommand_from ${names.join(' ')}`
  return [
    `# Completion of ${program} for fish. To use it: ${program} completion fish | source`,
    `complete -c ${program} -f`,
    ...commands.map(
      ({ name, description }) =>
        `complete -c ${program} -n ${quoted(noCommand)} -a ${quoted(name)} -d ${quoted(description)}`,
    ),
    ...flags.map((flag) => `complete -c ${program} -n ${quoted(noCommand)} ${flagWords(flag)}`),
    ...commands.flatMap(({ name, flags, values }) => {
      const line = `complete -c ${program} -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`
      const rest = action(values)
      return [...(rest === '' ? [] : [`${line} ${rest}`]), ...flags.map((flag) => `${line} ${flagWords(flag)}`)]
    }),
    '',
  ].join('\n')
}

function flagWords({ name, short, description, values }: CompletedFlag): string {
  const names = [`-l ${name.slice(2)}`, ...(short === undefined ? [] : [`-s ${short.slice(1)}`])]
  const behind = values === undefined ? [] : [values === 'files' ? '-r' : '-x', action(values)]
  return [...names, ...behind.filter(Boolean), `-d ${quoted(description)}`].join(' ')
}

function action(values: Values): string {
  if (values === 'folders') return "-a '(__fish_complete_directories)'"
  if (values === 'files') return '-F'
  return typeof values === 'string' ? '' : `-a ${quoted(values.join(' '))}`
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
