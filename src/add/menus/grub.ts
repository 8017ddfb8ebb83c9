/**
 * Menus of GRUB 2, as far as boot images use them: menuentry, linux, initrd, set, source and configfile. Conditions are not
 * decided: both branches are read, and what names no file of the image is left out later.
 */
import { type MenuEntry, MOST_INCLUDES, type ReadInclude } from './entry.ts'

interface Entry {
  readonly title: string
  kernel: string | undefined
  initrds: string[]
  cmdline: string
}

export async function parseGrub(text: string, readInclude: ReadInclude): Promise<MenuEntry[]> {
  const reader = new Reader()
  const waiting = [text]
  for (let files = 0; files < MOST_INCLUDES; files += 1) {
    const next = waiting.shift()
    if (next === undefined) break
    for (const words of statements(next)) {
      const include = reader.take(words)
      const included = include === undefined ? undefined : await readInclude(include)
      if (included !== undefined) waiting.push(included)
    }
  }
  return reader.entries()
}

/** Words, ends of statements, braces and comments of GRUB's shell. A word may have quoted parts. */
const TOKEN = /#[^\n]*|[\n;{}]|(?:[^\s"'\\;{}]|\$\{\w*\}|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gs

/** Statements as lists of words, still quoted. */
function statements(text: string): string[][] {
  const found: string[][] = [[]]
  for (const token of text.replace(/\\\r?\n/g, ' ').match(TOKEN) ?? []) {
    if (/^[\n;{}]$/.test(token)) found.push([])
    else if (!token.startsWith('#')) found.at(-1)?.push(token)
  }
  return found.filter((words) => words.length > 0)
}

class Reader {
  readonly #entries: Entry[] = []
  readonly #variables = new Map<string, string>([['root', '']])

  /** Takes one statement in; answers the file that it includes, if it does. */
  take(statement: readonly string[]): string | undefined {
    const [command = '', ...words] = statement.map((word) => unquoted(word, this.#variables))
    const entry = this.#entries.at(-1)
    if (command === 'menuentry') {
      this.#entries.push({ title: words[0] ?? '', kernel: undefined, initrds: [], cmdline: '' })
    } else if (command === 'set') {
      const [, name, value] = /^(\w+)=(.*)$/s.exec(words.join(' ')) ?? []
      if (name !== undefined && value !== undefined && value.length <= 4096) this.#variables.set(name, value)
    } else if (command === 'source' || command === 'configfile') {
      return withoutDevice(words[0] ?? '')
    } else if (/^linux(16|efi)?$/.test(command) && entry) {
      entry.kernel = withoutDevice(words[0] ?? '')
      entry.cmdline = words
        .slice(1)
        .filter((word) => word !== '')
        .join(' ')
    } else if (/^initrd(16|efi)?$/.test(command) && entry) {
      entry.initrds = words.filter((word) => word !== '').map(withoutDevice)
    }
    return undefined
  }

  entries(): MenuEntry[] {
    const first = Number(this.#variables.get('default') ?? '0')
    return this.#entries.flatMap(({ title, kernel, initrds, cmdline }, index) =>
      kernel === undefined ? [] : { title, kernel, initrds, cmdline, isDefault: index === first },
    )
  }
}

/** `(hd0)/boot/vmlinuz` and `($root)/boot/vmlinuz` mean the image itself. */
function withoutDevice(path: string): string {
  return path.replace(/^\([^)]*\)/, '')
}

function unquoted(word: string, variables: ReadonlyMap<string, string>): string {
  return word.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|\$\{?(\w+)\}?/g, (_, single, double, escaped, name) => {
    if (single !== undefined) return single
    if (double !== undefined) return unquoted(double.replaceAll("'", "\\'"), variables)
    if (escaped !== undefined) return escaped
    return variables.get(name) ?? ''
  })
}
