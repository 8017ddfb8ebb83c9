/** The built package exports what docs/api.md names, and nothing else; so do its types. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { specifierOf } from '../../scripts/api-reference.ts'
import { exportedSymbols } from '../../scripts/exported-symbols.ts'
import { libraryEntries } from '../../scripts/library.ts'

const root = path.resolve(import.meta.dirname, '../..')

let page = ''
beforeAll(async () => {
  page = await readFile(path.join(root, 'docs/api.md'), 'utf8')
})

describe.each(Object.entries(libraryEntries))('%s', (entry, source) => {
  it('exports what is documented', async () => {
    const documented = namesIn(sectionOf(page, specifierOf(entry)))
    const declared = exportedSymbols(path.join(root, 'dist/types', source.replace(/\.ts$/, '.d.ts')))
    expect(documented.sort()).toEqual(declared.map(({ name }) => name).sort())

    const values = declared.filter(({ kind }) => kind !== 'interface' && kind !== 'type').map(({ name }) => name)
    expect(Object.keys(await import(path.join(root, 'dist', `${entry}.js`))).sort()).toEqual(values.sort())
  })
})

function sectionOf(text: string, specifier: string): string {
  const [, after = ''] = text.split(`\n## ${specifier}\n`)
  return after.split('\n## ')[0] as string
}

/** The names in the tables: of their own row, or in a list of what another entry explains. */
function namesIn(section: string): string[] {
  const own = [...section.matchAll(/^\| `([\w$]+)/gm)].map(([, name]) => name as string)
  const passedOn = [...section.matchAll(/^\| \[boottorrent.*?\| (.*) \|$/gm)].flatMap(
    ([, list = '']) => list.match(/[\w$]+/g) ?? [],
  )
  return [...own, ...passedOn]
}
