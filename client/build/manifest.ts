/** The manifest: what the built client consists of, for the host and for whoever asks where its parts come from. */

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClientManifest } from '../contract.ts'
import type { NpmPackage } from '../tui/npm-packages.ts'
import { licenceLine } from './licence.ts'
import type { BinaryPackage, Package } from './package-records.ts'
import { LIBRARIES } from './packages.ts'
import { licenceOf, NPM_PACKAGES, type Piece } from './pieces.ts'

type Artifact = ClientManifest['artifacts'][number]
type PackageLine = ClientManifest['packages'][number]

/** Of the packages we compile against, these leave bytes in the programs: static libraries, not headers. */
const LINKED = ['musl-dev', ...LIBRARIES.glibc]

export async function describeArtifact(folder: string, file: string): Promise<Artifact> {
  const content = await readFile(join(folder, file))
  return { file, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }
}

/** Libraries that programs were compiled against, and where they are unpacked. */
interface Libraries {
  readonly packages: readonly BinaryPackage[]
  readonly sysroot: string
}

/** Every Debian package whose bytes are in an artifact: of the pieces themselves, and of the libraries linked into them. */
export async function describePackages(
  pieces: readonly Piece[],
  libraries: readonly Libraries[],
): Promise<PackageLine[]> {
  const lines = await Promise.all(pieces.map(async (piece) => describePackage(piece.package, await licenceOf(piece))))
  for (const { packages, sysroot } of libraries) {
    for (const library of packages.filter(({ name }) => LINKED.includes(name))) {
      lines.push(describePackage(library, await licenceLine(copyrightIn(sysroot, library), library.name)))
    }
  }
  return lines
}

/** By name, each package once, however many segments hold some of it. */
export function sortedPackages(lines: readonly PackageLine[]): PackageLine[] {
  const byKey = new Map(lines.map((line) => [`${line.name} ${line.architecture} ${line.version}`, line]))
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line)
}

/** The packages of npm that are in the menu. Their sources are what npm serves under the same name and version. */
export async function describeNpmPackages(menu: Piece): Promise<PackageLine[]> {
  const packages = JSON.parse(await readFile(join(menu.folder, NPM_PACKAGES), 'utf8')) as NpmPackage[]
  return packages.map(({ name, version, licence, bytes }) => {
    return { name, version, architecture: 'npm', licence, bytes, source: `npm ${name} ${version}` }
  })
}

/** Some packages' folder is a link to that of the package they come with. */
function copyrightIn(sysroot: string, library: BinaryPackage): string {
  return join(sysroot, 'usr/share/doc', library.name, 'copyright')
}

export function describePackage(wanted: Package, licence: string): PackageLine {
  const { name, version } = wanted
  if (wanted.kind === 'source') {
    const bytes = wanted.files.reduce((sum, file) => sum + file.bytes, 0)
    return { name, version, architecture: 'source', licence, bytes, source: `${name} ${version}` }
  }
  const { architecture, bytes, source }: BinaryPackage = wanted
  return { name, version, architecture, licence, bytes, source }
}
