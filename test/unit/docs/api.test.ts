import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { apiReference } from '../../../scripts/api-reference.ts'
import { exportedSymbols } from '../../../scripts/exported-symbols.ts'
import { libraryEntries } from '../../../scripts/library.ts'
import { exitCodeOf } from '../../../src/cli/exit-codes.ts'
import { BoottorrentError, type ErrorCode } from '../../../src/errors.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

const root = path.resolve(import.meta.dirname, '../../..')

test('docs/api.md is up to date (else run: node scripts/api-reference.ts)', async () => {
  expect(await readFile(path.join(root, 'docs/api.md'), 'utf8')).toBe(apiReference())
})

test('docs/api.md has every error code, with the exit code that the program ends with', async () => {
  const source = await readFile(path.join(root, 'src/errors.ts'), 'utf8')
  const codes = [...source.matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map(([, code]) => code as ErrorCode)
  const page = await readFile(path.join(root, 'docs/api.md'), 'utf8')
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| .* \| (\d+) \|$/gm)].map(([, code, exit]) => [code, Number(exit)])
  const expected = codes.map((code) => [code, exitCodeOf(new BoottorrentError(code, ''))])
  expect(codes.length).toBeGreaterThan(10)
  expect(rows.sort()).toEqual(expected.sort())
})

describe.each(Object.entries(libraryEntries))('what %s exports', (_, source) => {
  const symbols = exportedSymbols(path.join(root, source))

  it('has a docstring, every single name', () => {
    expect(symbols.filter(({ documentation }) => !documentation).map(({ name, file }) => `${name} in ${file}`)).toEqual(
      [],
    )
  })

  it('is what the scan of the sources finds: values are there at run time, types are not', async () => {
    const isValue = ({ kind }: { kind: string }) => ['function', 'class', 'const'].includes(kind)
    const found = symbols.filter(isValue).map(({ name }) => name)
    expect(found.sort()).toEqual(Object.keys(await import(path.join(root, source))).sort())
  })
})

describe('the scan for exported names', () => {
  it('finds what is declared, listed, renamed, passed on and imported, with docstrings and signatures', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFile(
        path.join(folder, 'parts.ts'),
        '/** A part. */\nexport interface Part {\n  a: number\n}\nexport const loose = 1\n',
      )
      await writeFile(
        path.join(folder, 'index.ts'),
        `import type { Part } from './parts.ts'
export { loose as tight } from './parts.ts'
export type { Part }

/**
 * Makes one.
 * @throws never
 */
export async function* make(
  first: { a: number },
  then: () => void = () => {},
): AsyncGenerator<{ b: string }> {
  yield { b: '' }
}
// No docstring.
export class Bare {}
`,
      )
      const symbols = exportedSymbols(path.join(folder, 'index.ts'))
      expect(symbols.map(({ name, kind, documentation }) => [name, kind, documentation])).toEqual([
        ['Bare', 'class', undefined],
        ['Part', 'interface', 'A part.'],
        ['make', 'function', 'Makes one.\n@throws never'],
        ['tight', 'const', undefined],
      ])
      expect(symbols.find(({ name }) => name === 'make')?.signature).toBe(
        '(first: { a: number }, then: () => void = () => {}): AsyncGenerator<{ b: string }>',
      )
    })
  })

  it('fails on a list whose names come from nowhere', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFile(path.join(folder, 'index.ts'), 'const a = 1\nexport { a }\n')
      expect(() => exportedSymbols(path.join(folder, 'index.ts'))).toThrow('nobody knows from where')
    })
  })
})
