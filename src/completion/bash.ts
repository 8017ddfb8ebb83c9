import type { CommandTree, CompletedFlag, Values } from './command-tree.ts'

/** Completion for bash, also for the 3.2 that macOS has. */
export function bashCompletion({ program, flags, commands }: CommandTree): string {
  const cases = commands.flatMap(({ name, flags, values }) => [
    ...flagCases(name, flags),
    `    '${name} '*) words=${quoted(wordsOf(flags))} values=${quoted(action(values))} ;;`,
  ])
  const first = [...commands.map(({ name }) => name), ...wordsOf(flags)]
  return `# Completion of ${program} for bash. To use it: eval "$(${program} completion bash)"
_${program}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command='' words='' values='' at line
  # "--mode=proxy" comes as three words.
  if [[ $word == '=' ]]; then word=''
  elif [[ $before == '=' ]]; then before="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    if [[ \${COMP_WORDS[at]} != -* ]]; then command="\${COMP_WORDS[at]}"; break; fi
  done
  case "$command $before" in
    ' '*) words=${quoted(first)} ;;
${cases.join('\n')}
  esac
  COMPREPLY=()
  if [[ $word == -* || -z $values ]]; then
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -W "$words" -- "$word")
    return
  fi
  # Blanks in names of files are marked by readline, once it knows that they are such.
  if [[ $values == -[df] ]]; then compopt -o filenames 2>/dev/null; fi
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(
    if [[ $values == -* ]]; then compgen $values -- "$word"; else compgen -W "$values" -- "$word"; fi
  )
}
complete -F _${program} ${program}
`
}

/** What stands behind flags of a command: nothing of the command itself. */
function flagCases(command: string, flags: readonly CompletedFlag[]): string[] {
  return flags.flatMap(({ name, values }) =>
    values === undefined ? [] : [`    '${command} ${name}') values=${quoted(action(values))} ;;`],
  )
}

/** Options of compgen, or the words there are to choose from. */
function action(values: Values): readonly string[] {
  if (values === 'folders') return ['-d']
  if (values === 'files') return ['-f']
  return typeof values === 'string' ? [] : values
}

function wordsOf(flags: readonly CompletedFlag[]): string[] {
  return flags.flatMap(({ name, short }) => (short === undefined ? [name] : [name, short]))
}

function quoted(words: readonly string[]): string {
  return `'${words.join(' ')}'`
}
