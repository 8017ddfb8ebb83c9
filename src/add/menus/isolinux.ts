/** Menus of ISOLINUX and SYSLINUX: https://wiki.syslinux.org/wiki/index.php?title=Config */
import { type MenuEntry, MOST_INCLUDES, type ReadInclude } from './entry.ts'

interface Label {
  readonly name: string
  title: string | undefined
  kernel: string | undefined
  initrds: string[]
  append: string
  isDefault: boolean
}

export async function parseIsolinux(text: string, readInclude: ReadInclude): Promise<MenuEntry[]> {
  const menu = new Menu()
  const waiting = [text]
  for (let files = 0; files < MOST_INCLUDES; files += 1) {
    const next = waiting.shift()
    if (next === undefined) break
    for (const line of next.split('\n')) {
      const include = menu.take(line)
      const included = include === undefined ? undefined : await readInclude(include)
      if (included !== undefined) waiting.push(included)
    }
  }
  return menu.entries()
}

class Menu {
  readonly #labels: Label[] = []
  #default: string | undefined

  /** Takes one line in; answers the file that it includes, if it does. */
  take(line: string): string | undefined {
    const [, keyword = '', rest = ''] = /^\s*(\S+)\s*(.*?)\s*$/.exec(line) ?? []
    const label = this.#labels.at(-1)
    switch (keyword.toLowerCase()) {
      case 'include':
        return rest.split(/\s+/, 1)[0]
      case 'default':
        this.#default = rest.split(/\s+/, 1)[0]
        return undefined
      case 'label':
        this.#labels.push({
          name: rest,
          title: undefined,
          kernel: undefined,
          initrds: [],
          append: '',
          isDefault: false,
        })
        return undefined
      case 'menu':
        return this.#takeMenu(rest, label)
      case 'kernel':
      case 'linux':
        if (label) label.kernel = rest
        return undefined
      case 'initrd':
        if (label) label.initrds = rest.split(',')
        return undefined
      case 'append':
        if (label) label.append = rest
        return undefined
      default:
        return undefined
    }
  }

  entries(): MenuEntry[] {
    return this.#labels.flatMap((label) => {
      if (label.kernel === undefined) return []
      const words = label.append.split(/\s+/).filter((word) => word !== '' && word !== '-')
      const named = words.flatMap((word) => (word.startsWith('initrd=') ? word.slice('initrd='.length).split(',') : []))
      return {
        title: label.title ?? label.name,
        kernel: label.kernel,
        initrds: label.initrds.length > 0 ? label.initrds : named,
        cmdline: words.filter((word) => !word.startsWith('initrd=')).join(' '),
        isDefault: label.isDefault || label.name === this.#default,
      }
    })
  }

  #takeMenu(rest: string, label: Label | undefined): string | undefined {
    const [, word = '', value = ''] = /^(\S+)\s*(.*)$/.exec(rest) ?? []
    switch (word.toLowerCase()) {
      case 'include':
        return value.split(/\s+/, 1)[0]
      case 'label':
        // The caret marks the key to press.
        if (label) label.title = value.replace('^', '')
        return undefined
      case 'default':
        if (label) label.isDefault = true
        return undefined
      default:
        return undefined
    }
  }
}
