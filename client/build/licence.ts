/** Which licences a Debian package is under, as its copyright file says. */

import { readFile } from 'node:fs/promises'

/**
 * The short names of all licences in a copyright file: the `License:` fields of the machine-readable format (DEP-5), else the
 * texts in /usr/share/common-licenses that it refers to.
 */
export function licencesOf(copyright: string): string[] {
  const machineReadable = /^Format:/m.test(copyright)
  const pattern = machineReadable
    ? /^License:[ \t]*(\S.*)$/gm
    : /\/usr\/share\/common-licenses\/([A-Za-z0-9.-]*[A-Za-z0-9])/g
  const names = [...copyright.matchAll(pattern)].map((match) => (match[1] ?? '').trim())
  return [...new Set(names)].sort()
}

/** The licences of a package as one line, from its copyright file. */
export async function licenceLine(copyrightFile: string, name: string): Promise<string> {
  const names = licencesOf(await readFile(copyrightFile, 'utf8'))
  return names.length > 0 ? names.join(', ') : `see the copyright file of ${name}`
}
