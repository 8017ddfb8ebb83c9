/** The built package exports what docs/api.md names, and nothing else; so do its types. */
import { readdir, readFile } from 'node:fs/promises'
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

it('has types that name no module which the package does not bring', async () => {
  const { dependencies } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
  const folder = path.join(root, 'dist/types')
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.d.ts'))
  expect(files).not.toEqual([])
  const texts = await Promise.all(files.map((name) => readFile(path.join(folder, name), 'utf8')))
  const named = texts.flatMap((text) => [...text.matchAll(/^(?:im|ex)port .*from '([^']+)'/gm)].map(([, name]) => name))
  const others = named.filter((name) => !/^\.|^node:/.test(name as string) && !((name as string) in dependencies))
  expect(others).toEqual([])
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
