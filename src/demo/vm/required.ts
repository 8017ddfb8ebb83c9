/** The programs of the system that virtual machines and their network need. */
import { access, constants } from 'node:fs/promises'
import path from 'node:path'
import { BoottorrentError } from '../../errors.ts'

/** With the Debian packages that have them. */
const PROGRAMS = [
  ['qemu-system-x86_64', 'qemu-system-x86 seabios ipxe-qemu'],
  ['ip', 'iproute2'],
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['setpriv', 'util-linux'],
] as const

/** @throws BoottorrentError USAGE that names the first one that is missing, and its package */
export async function requirePrograms({ PATH = '' }: { readonly PATH?: string | undefined }): Promise<void> {
  const folders = PATH.split(path.delimiter).filter((folder) => folder !== '')
  for (const [program, packages] of PROGRAMS) {
    const found = await Promise.all(folders.map((folder) => isProgram(path.join(folder, program))))
    if (found.includes(true)) continue
    throw new BoottorrentError('USAGE', `--vm needs the program ${program}, which is not there.`, {
      hint: `Install it (Debian: apt-get install ${packages}), or leave --vm out.`,
    })
  }
}

function isProgram(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}
