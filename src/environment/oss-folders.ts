import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { nearest } from './nearest.ts'
import { type Findings, type Place, quoted, wholeFile } from './problems.ts'
import type { Given } from './schema.ts'
import { hasControlCharacters } from './types.ts'

/** A file name has 255 bytes; `.torrent` and the downloader's `.aria2` are appended to it. */
const LONGEST_NAME = 240

/** Names of the folders in oss/ that are systems, sorted. */
export async function foldersIn(directory: string, findings: Findings): Promise<string[]> {
  let names: Buffer[]
  try {
    names = await readdir(directory, { encoding: 'buffer' })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') {
      findings.warning(
        wholeFile('oss'),
        'no-os',
        'there is no folder oss/, so the menu is empty',
        'Make oss/<name>/ with a system and its config.yaml.',
      )
    } else if (code === 'ENOTDIR') {
      findings.problem(
        wholeFile('oss'),
        'not-a-file',
        'oss is not a folder',
        'Make it a folder with one folder for each system.',
      )
    } else {
      findings.problem(
        wholeFile('oss'),
        'unreadable-file',
        `the folder cannot be read (${code})`,
        'Give this user the right to read it.',
      )
    }
    return []
  }
  const folders: string[] = []
  for (const bytes of names) {
    const isFolder = await stat(Buffer.concat([Buffer.from(directory + path.sep), bytes])).then(
      (stats) => stats.isDirectory(),
      () => false,
    )
    // Hidden folders belong to tools, not to the menu.
    if (!isFolder || bytes[0] === '.'.charCodeAt(0)) continue
    const name = nameThatTravels(bytes, findings)
    if (name !== undefined) folders.push(name)
  }
  if (folders.length === 0) {
    findings.warning(
      wholeFile('oss'),
      'no-os',
      'oss/ has no system yet, so the menu is empty',
      'Make oss/<name>/ with a system and its config.yaml.',
    )
  }
  return folders.sort()
}

/** A folder's name becomes the name of a torrent, of a file on the machine and of a line in the menu. */
function nameThatTravels(bytes: Buffer, findings: Findings): string | undefined {
  const name = bytes.toString()
  const refuse = (why: string) => {
    findings.problem(
      wholeFile(`oss/${name}`),
      'os-name',
      `the name of the folder ${why}`,
      'Rename the folder: letters, digits, ".", "-" and "_" always work.',
    )
    return undefined
  }
  if (!Buffer.from(name).equals(bytes)) return refuse('is not UTF-8')
  if (hasControlCharacters(name)) return refuse('contains control characters')
  if (name.includes('\\')) return refuse('contains a backslash')
  if (name.trim() !== name) return refuse('begins or ends with a blank')
  if (bytes.length > LONGEST_NAME) return refuse(`is longer than ${LONGEST_NAME} bytes`)
  return name
}

/** The names that the user put on the menu, without those that are not there. */
export function namesInMenu(menu: readonly Given<string>[], folders: readonly string[], findings: Findings): string[] {
  const names = new Set<string>()
  for (const { value, place } of menu) {
    if (!folders.includes(value)) unknownOs(value, place, folders, findings)
    else if (names.has(value))
      findings.warning(place, 'duplicate-name', `${quoted(value)} is listed twice`, 'Remove one of the two.')
    else names.add(value)
  }
  return [...names]
}

/** Reports a name that is not the name of a folder in oss/. */
export function unknownOs(name: string, place: Place, folders: readonly string[], findings: Findings): void {
  const guess = nearest(name, folders)
  const known = folders.length === 0 ? 'oss/ has no systems yet.' : `Systems here: ${folders.slice(0, 20).join(', ')}.`
  findings.problem(
    place,
    'unknown-os',
    `there is no system ${quoted(name)} in oss/`,
    guess ? `Did you mean "${guess}"?` : known,
  )
}
