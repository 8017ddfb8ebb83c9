import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { anchorsOf, brokenLinks } from './links.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], { cwd: root, encoding: 'utf8' })
const documents = listed.split('\n').filter((name) => name !== '')

test.each(documents)('%s: every link leads to a file and a heading that are there', (name) => {
  expect(brokenLinks(path.join(root, name))).toEqual([])
})

test('docs/README.md lists every document', () => {
  const here = documents.filter((name) => /^docs\/[^/]+\.md$/.test(name)).map((name) => path.basename(name))
  const index = readFileSync(path.join(root, 'docs/README.md'), 'utf8')
  expect(here.filter((name) => name !== 'README.md' && !index.includes(`](${name})`))).toEqual([])
})

describe('the search for broken links', () => {
  it('finds files and headings that are missing, and leaves code and other hosts alone', async () => {
    await inTemporaryFolder(async (folder) => {
      const file = path.join(folder, 'page.md')
      const text = [
        '# A page: with `code`, and more',
        '[good](page.md#a-page-with-code-and-more) [good](#a-page-with-code-and-more)',
        '[![a picture](missing.png)](https://example.org/)',
        '[bad](gone.md) [bad](#gone) [other](https://example.org/gone) `[code](gone.md)`',
        '```\n[code](gone.md)\n# no heading\n```',
      ]
      await writeFile(file, text.join('\n'))
      expect(brokenLinks(file)).toEqual([
        'missing.png: there is no such file',
        'gone.md: there is no such file',
        '#gone: there is no such heading',
      ])
    })
  })

  it('numbers equal headings', () => {
    expect([...anchorsOf('# One\n## Two words\n## Two words\n')]).toEqual(['one', 'two-words', 'two-words-1'])
  })
})
