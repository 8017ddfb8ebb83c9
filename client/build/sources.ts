/**
 * Finds the Debian mirror this machine already uses, so that none is named here: reads apt's own lists of sources in both
 * of their formats, sources.list(5).
 */

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BoottorrentError } from '../../src/errors.ts'

/** One line or stanza of apt's sources: every URI with every suite. */
export interface AptSource {
  readonly types: readonly string[]
  readonly uris: readonly string[]
  readonly suites: readonly string[]
  readonly components: readonly string[]
}

/** Where packages come from. */
export interface Mirror {
  /** The archive of `bookworm` and `bookworm-updates`. */
  readonly archive: string
  /** The archive of `bookworm-security`. */
  readonly security: string
}

/** Debian's own names of suites. Another distribution's archive has others, and is of no use to us. */
const RELEASE =
  /^(bullseye|bookworm|trixie|forky|duke|sid|oldoldstable|oldstable|stable|testing|unstable)(-updates|-security|-backports)?$/

/** Reads a `.sources` file (deb822). */
export function parseDeb822(text: string): AptSource[] {
  const stanzas = text.split(/\n\s*\n/).map(parseStanza)
  return stanzas
    .filter((fields) => fields.get('enabled')?.toLowerCase() !== 'no')
    .map((fields) => ({
      types: words(fields.get('types')),
      uris: words(fields.get('uris')),
      suites: words(fields.get('suites')),
      components: words(fields.get('components')),
    }))
}

/** One paragraph of `Name: value` lines, with continuation lines that start with a blank. Names become lower case. */
export function parseStanza(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  let current: string | undefined
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) continue
    const start = /^([A-Za-z0-9-]+):(.*)$/.exec(line)
    if (start) {
      current = (start[1] as string).toLowerCase()
      fields.set(current, (start[2] as string).trim())
    } else if (current !== undefined && /^\s/.test(line)) {
      fields.set(current, `${fields.get(current)}\n${line.trim()}`)
    }
  }
  return fields
}

/** Reads a `.list` file: `deb [options] uri suite component…` on each line. */
export function parseOneLine(text: string): AptSource[] {
  const sources: AptSource[] = []
  for (const line of text.split('\n')) {
    const match = /^\s*(deb|deb-src)\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line)
    if (!match) continue
    const [, type, uri, suite, components] = match as unknown as string[]
    sources.push({ types: [type ?? ''], uris: [uri ?? ''], suites: [suite ?? ''], components: words(components) })
  }
  return sources
}

/** Chooses the mirror among a machine's sources; `undefined` when none is a Debian archive. */
export function mirrorOf(sources: readonly AptSource[]): Mirror | undefined {
  let archive: string | undefined
  let security: string | undefined
  for (const source of sources) {
    if (!source.components.includes('main')) continue
    const uri = source.uris.find((candidate) => !candidate.startsWith('cdrom:'))
    const suites = source.suites.filter((suite) => RELEASE.test(suite))
    if (uri === undefined || suites.length === 0) continue
    if (suites.every((suite) => suite.endsWith('-security'))) security ??= uri
    else archive ??= uri
  }
  if (archive === undefined) return undefined
  return { archive: bare(archive), security: bare(security ?? `${bare(archive)}-security`) }
}

/**
 * The mirror of this machine: `BOOTTORRENT_DEBIAN_MIRROR` when set, else what apt itself uses.
 *
 * @throws BoottorrentError FILE when there is none.
 */
export async function findMirror(etc = '/etc/apt', env: NodeJS.ProcessEnv = process.env): Promise<Mirror> {
  const wanted = env.BOOTTORRENT_DEBIAN_MIRROR
  if (wanted) return { archive: bare(wanted), security: `${bare(wanted)}-security` }
  const mirror = mirrorOf(await readSources(etc))
  if (mirror) return mirror
  throw new BoottorrentError('FILE', `no Debian archive is named in ${etc}/sources.list or ${etc}/sources.list.d`, {
    hint: 'Build the client on Debian 12, or name a mirror: BOOTTORRENT_DEBIAN_MIRROR=<address that ends in /debian>.',
  })
}

async function readSources(etc: string): Promise<AptSource[]> {
  const folder = join(etc, 'sources.list.d')
  const names = (await readdir(folder).catch(() => [])).sort()
  const files = [join(etc, 'sources.list'), ...names.map((name) => join(folder, name))]
  const sources: AptSource[] = []
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '')
    sources.push(...(file.endsWith('.sources') ? parseDeb822(text) : file.endsWith('.list') ? parseOneLine(text) : []))
  }
  return sources
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '')
}

/** Without the final slash. */
function bare(uri: string): string {
  return uri.replace(/\/+$/, '')
}
