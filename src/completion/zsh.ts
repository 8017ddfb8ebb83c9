import type { CommandTree, CompletedCommand, CompletedFlag, Values } from './command-tree.ts'

/** Completion for zsh, by _arguments and _describe (zshcompsys(1)). */
export function zshCompletion({ program, flags, commands }: CommandTree): string {
  const described = commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`)
  return `#compdef ${program}
# Completion of ${program} for zsh. To use it: source <(${program} completion zsh), behind compinit
_${program}() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
  fi
  local command=$words[2]
  if (( CURRENT > 2 )); then
    shift words
    (( CURRENT-- ))
  fi
  case $command in
${commands.map(commandCase).join('\n')}
    *) _arguments ${flags.flatMap(specs).join(' ')} ;;
  esac
}
if [[ $funcstack[1] == _${program} ]]; then
  _${program} "$@"
else
  compdef _${program} ${program}
fi
`
}

function commandCase({ name, flags, values }: CompletedCommand): string {
  const rest = values === 'nothing' ? [] : [quoted(`*:value:${action(values)}`)]
  const words = [...flags.flatMap(specs), ...rest]
  return `    ${name}) _arguments \\\n${words.map((word) => `      ${word}`).join(' \\\n')} ;;`
}

/** A flag may be given again: some count each time. */
function specs({ name, short, description, values }: CompletedFlag): string[] {
  const behind = values === undefined ? '' : `:value:${action(values)}`
  // With "=" in its end, zsh takes the value behind it as well as in the next word.
  const long = values === undefined ? name : `${name}=`
  const names = short === undefined ? [long] : [long, short]
  return names.map((one) => quoted(`*${one}[${escaped(description)}]${behind}`))
}

function action(values: Values): string {
  if (values === 'folders') return '_files -/'
  if (values === 'files') return '_files'
  return typeof values === 'string' ? ' ' : `(${values.join(' ')})`
}

/** Brackets end a description, and a colon what stands behind it. */
function escaped(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
