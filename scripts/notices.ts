/** The licences of what is bundled: each package's own text, as its licence asks for. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const mark = 'node_modules/'

/**
 * One text with name, version, licence and licence text of every package among these files.
 *
 * @param root folder that the names of the files are relative to
 * @param inputs names of bundled files, as esbuild's metafile has them
 * @throws Error when a package says nothing of its licence
 */
export function noticesOf(root: string, inputs: readonly string[]): string {
  const folders = new Set(inputs.flatMap(packageFolder))
  const notices = [...folders].sort().map((folder) => noticeOf(path.join(root, folder)))
  return `Programs made by others that are part of this package, and their licences.\n\n${notices.join('\n')}`
}

/** `node_modules/a/node_modules/@b/c/index.js` is of the package in `node_modules/a/node_modules/@b/c`. */
function packageFolder(input: string): string[] {
  const start = input.lastIndexOf(mark)
  if (start < 0) return []
  const words = input.slice(start + mark.length).split('/')
  const name = words.slice(0, words[0]?.startsWith('@') ? 2 : 1).join('/')
  return [input.slice(0, start + mark.length) + name]
}

function noticeOf(folder: string): string {
  const { name, version, license, licenses, author } = JSON.parse(
    readFileSync(path.join(folder, 'package.json'), 'utf8'),
  )
  const file = readdirSync(folder).find((one) => /^(licen[cs]e|copying)/i.test(one))
  // Packages of long ago have a list of licences, or only the text.
  const named: unknown = license ?? licenses?.[0]?.type
  if (typeof named !== 'string' && file === undefined) throw new Error(`${name} ${version} says nothing of its licence`)
  const text =
    file === undefined ? `Copyright ${authorName(author)}` : readFileSync(path.join(folder, file), 'utf8').trim()
  return `${'-'.repeat(80)}\n${name} ${version} (${named ?? 'see below'})\n\n${text}\n`
}

function authorName(author: string | { readonly name?: string } | undefined): string {
  return (typeof author === 'string' ? author : author?.name) ?? 'its authors'
}
