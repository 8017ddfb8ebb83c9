/** Which licences a Debian package is under, as its copyright file says. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

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

/** The licence of an unpacked binary package, as one line. */
export async function binaryLicence(unpacked: string, name: string): Promise<string> {
  return oneLine(await copyrightOf(join(unpacked, 'usr/share/doc', name, 'copyright')), name)
}

/** The licence of an unpacked source package, as one line. */
export async function sourceLicence(unpacked: string, name: string): Promise<string> {
  return oneLine(await copyrightOf(join(unpacked, 'debian/copyright')), name)
}

async function copyrightOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '')
}

function oneLine(copyright: string, name: string): string {
  const names = licencesOf(copyright)
  return names.length > 0 ? names.join(', ') : `see the copyright file of ${name}`
}
