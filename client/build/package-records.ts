/** How apt describes packages: the records of `apt-cache show` and `apt-cache showsrc`. */

import { basename } from 'node:path'
import { BoottorrentError } from '../../src/errors.ts'
import { compareVersions } from './debian-version.ts'
import { parseStanza } from './sources.ts'

export type Architecture = 'i386' | 'amd64'

/** A binary package as the archive describes it. */
export interface BinaryPackage {
  readonly kind: 'binary'
  readonly name: string
  readonly version: string
  readonly architecture: string
  /** Bytes of the package file. */
  readonly bytes: number
  readonly sha256: string
  /** Name and version of the source package. */
  readonly source: string
  readonly depends: string
}

/** A source package: the files that `dpkg-source -x` puts together. */
export interface SourcePackage {
  readonly kind: 'source'
  readonly name: string
  readonly version: string
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[]
}

export type Package = BinaryPackage | SourcePackage

/** Reads one record of `apt-cache show`. */
export function binaryFrom(text: string): BinaryPackage {
  const fields = parseStanza(text)
  const field = (name: string) => {
    const value = fields.get(name)
    if (value !== undefined) return value
    throw new BoottorrentError('FORMAT', `apt describes a package without ${name}`, {
      hint: 'Run the build with --update.',
    })
  }
  const name = field('package')
  const version = field('version')
  return {
    kind: 'binary',
    name,
    version,
    architecture: field('architecture'),
    bytes: Number(field('size')),
    sha256: field('sha256'),
    source: sourceOf(fields.get('source'), name, version),
    depends: fields.get('depends') ?? '',
  }
}

/** `Source:` is left out when it is the same, and has a version in brackets when only that differs (deb-src-control(5)). */
function sourceOf(field: string | undefined, name: string, version: string): string {
  const match = /^(\S+)(?:\s+\((.+)\))?$/.exec(field ?? name)
  return `${match?.[1] ?? name} ${match?.[2] ?? version}`
}

/** Picks the newest of the records of `apt-cache showsrc`, which names the newest first within each suite. */
export function newestSource(text: string, name: string): SourcePackage {
  const records = text
    .split('\n\n')
    .map(parseStanza)
    .filter((fields) => fields.get('package') === name)
  const [first, ...others] = records
  if (!first)
    throw new BoottorrentError('FILE', `the archive has no source package ${name}`, {
      hint: 'Look at the archive again: npm run build:client -- --update.',
    })
  const newest = others.reduce((best, next) => (compare(next, best) > 0 ? next : best), first)
  return {
    kind: 'source',
    name,
    version: newest.get('version') ?? '',
    files: checksums(newest.get('checksums-sha256')),
  }
}

function compare(a: Map<string, string>, b: Map<string, string>): number {
  return compareVersions(a.get('version') ?? '', b.get('version') ?? '')
}

function checksums(field: string | undefined): SourcePackage['files'] {
  return (field ?? '')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => words.length === 3)
    .map(([sha256, bytes, name]) => ({ name: basename(name ?? ''), bytes: Number(bytes), sha256: sha256 ?? '' }))
}
