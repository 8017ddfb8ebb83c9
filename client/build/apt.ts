/**
 * A private apt: its own sources, lists, cache and an empty list of installed packages. The machine's own apt is read for
 * its mirror and its settings (proxies, time-outs) and never changed. Everything fetched is checked by apt against the
 * archive's signatures.
 */

import { access, mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { BoottorrentError } from '../../src/errors.ts'
import type { Progress } from './progress.ts'
import { type RunOptions, run } from './run.ts'
import { type Mirror, parseStanza } from './sources.ts'

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
const OFFLINE = 'Is the network up? Once everything is in the cache, a build needs no network.'

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

export interface AptOptions {
  /** The folder that holds everything of this apt. */
  readonly root: string
  /** A release of Debian. Its updates and security suites come with it. */
  readonly release: 'bookworm' | 'trixie'
  /** The first is apt's own. */
  readonly architectures: readonly [Architecture, ...Architecture[]]
  readonly mirror: Mirror
  readonly progress: Progress
  readonly keyring?: string
  /** Attempts at anything that needs the network. */
  readonly attempts?: number
}

export interface Apt {
  /** Fetches the lists of packages. Goes on without the security suite, with a warning, when only that one fails. */
  update(): Promise<void>
  /** The newest version of one binary package. */
  binary(name: string, architecture: Architecture): Promise<BinaryPackage>
  source(name: string): Promise<SourcePackage>
  /** The packages and everything they depend on, as if nothing were installed; sorted by name. */
  closure(names: readonly string[], architecture: Architecture): Promise<BinaryPackage[]>
  /** Puts the files of a package into a folder. */
  download(wanted: Package, folder: string): Promise<void>
}

export async function createApt(options: AptOptions): Promise<Apt> {
  await checkTools(options.keyring ?? KEYRING)
  const apt = new PrivateApt(options)
  await apt.write()
  return apt
}

class PrivateApt implements Apt {
  readonly #options: AptOptions
  #security = true

  constructor(options: AptOptions) {
    this.#options = options
  }

  async write(): Promise<void> {
    const { root } = this.#options
    for (const folder of ['etc', 'lists/partial', 'archives/partial'])
      await mkdir(join(root, folder), { recursive: true })
    await writeFile(join(root, 'status'), '')
    await writeFile(join(root, 'etc/apt.conf'), await this.#configuration())
    await this.#writeSources()
  }

  async update(): Promise<void> {
    const fetch = () => this.#run('apt-get', ['-qq', '-o', 'APT::Update::Error-Mode=any', 'update'], { hint: OFFLINE })
    try {
      await this.#retry('the lists of packages', fetch)
    } catch (error) {
      if (!this.#security) throw error
      this.#options.progress.warn(
        `the updates of ${this.#options.release} cannot be read at this time (the mirror may be in the middle of a change); ` +
          'building from the release itself',
      )
      this.#security = false
      await this.#writeSources()
      await this.#retry('the lists of packages', fetch)
    }
  }

  async binary(name: string, architecture: Architecture): Promise<BinaryPackage> {
    const text = await this.#run('apt-cache', ['show', '--no-all-versions', `${name}:${architecture}`], {
      hint: `Does ${this.#options.release} still have ${name} for ${architecture}?`,
    })
    return binaryFrom(text)
  }

  async source(name: string): Promise<SourcePackage> {
    const text = await this.#run('apt-cache', ['showsrc', '--only-source', name])
    return newestSource(text, name)
  }

  async closure(names: readonly string[], architecture: Architecture): Promise<BinaryPackage[]> {
    const wanted = names.map((name) => `${name}:${architecture}`)
    const plan = await this.#run('apt-get', ['-s', '--no-install-recommends', 'install', ...wanted])
    const installed = [...plan.matchAll(/^Inst (\S+) .*\[(\S+)\]\)/gm)]
    const packages = await Promise.all(
      installed.map(([, name, arch]) =>
        this.binary(bareName(name ?? ''), arch === 'all' ? architecture : (arch as Architecture)),
      ),
    )
    return packages.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async download(wanted: Package, folder: string): Promise<void> {
    await mkdir(folder, { recursive: true })
    const { name, version } = wanted
    const args =
      wanted.kind === 'source'
        ? ['-qq', '--download-only', '--only-source', 'source', `${name}=${version}`]
        : ['-qq', 'download', `${name}:${ownArchitecture(wanted, this.#options)}=${version}`]
    await this.#retry(`${name} ${version}`, () => this.#run('apt-get', args, { cwd: folder, hint: OFFLINE }))
  }

  /** apt's configuration: what the machine sets for fetching, and folders of our own for everything else. */
  async #configuration(): Promise<string> {
    const { root, architectures } = this.#options
    const machine = await run('apt-config', ['dump'])
    const fetching = machine.split('\n').filter((line) => line.startsWith('Acquire::'))
    return [
      ...fetching,
      'Acquire::Languages "none";',
      `APT::Architecture "${architectures[0]}";`,
      `APT::Architectures { ${architectures.map((name) => `"${name}";`).join(' ')} };`,
      'APT::Sandbox::User "root";',
      'APT::Get::List-Cleanup "true";',
      `Dir::State "${root}";`,
      `Dir::State::lists "${root}/lists";`,
      `Dir::State::status "${root}/status";`,
      `Dir::State::extended_states "${root}/extended_states";`,
      `Dir::Cache "${root}";`,
      `Dir::Cache::archives "${root}/archives";`,
      `Dir::Etc::sourcelist "${root}/etc/sources.list";`,
      'Dir::Etc::sourceparts "/dev/null";',
      'Dir::Etc::parts "/dev/null";',
      'Dir::Etc::main "/dev/null";',
      'Dir::Etc::preferences "/dev/null";',
      'Dir::Etc::preferencesparts "/dev/null";',
      '',
    ].join('\n')
  }

  async #writeSources(): Promise<void> {
    const { root, release, mirror, keyring = KEYRING } = this.#options
    const suites = [[mirror.archive, release]]
    if (this.#security) suites.push([mirror.archive, `${release}-updates`], [mirror.security, `${release}-security`])
    const lines = suites.flatMap(([uri, suite]) =>
      ['deb', 'deb-src'].map((type) => `${type} [signed-by=${keyring}] ${uri} ${suite} main`),
    )
    await writeFile(join(root, 'etc/sources.list'), `${lines.join('\n')}\n`)
  }

  #run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    const env = { ...process.env, APT_CONFIG: join(this.#options.root, 'etc/apt.conf'), LC_ALL: 'C' }
    return run(command, args, { ...options, env })
  }

  async #retry<T>(what: string, work: () => Promise<T>): Promise<T> {
    const attempts = this.#options.attempts ?? 3
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        if (attempt >= attempts) throw error
        this.#options.progress.note(`could not fetch ${what}; trying again in ${attempt * 3} s`)
        await delay(attempt * 3000)
      }
    }
  }
}

/** Reads one record of `apt-cache show`. */
export function binaryFrom(text: string): BinaryPackage {
  const fields = parseStanza(text.split('\n\n')[0] ?? '')
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
  if (!first) throw new BoottorrentError('FILE', `the archive has no source package ${name}`, { hint: OFFLINE })
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

/** Orders two Debian versions, deb-version(7): epoch, then runs of non-digits and digits in turn; `~` sorts before the end. */
export function compareVersions(a: string, b: string): number {
  const [epochA, restA] = splitEpoch(a)
  const [epochB, restB] = splitEpoch(b)
  if (epochA !== epochB) return epochA - epochB
  const [upstreamA, revisionA] = splitRevision(restA)
  const [upstreamB, revisionB] = splitRevision(restB)
  return compareParts(upstreamA, upstreamB) || compareParts(revisionA, revisionB)
}

function splitEpoch(version: string): [number, string] {
  const match = /^(\d+):(.*)$/.exec(version)
  return match ? [Number(match[1]), match[2] ?? ''] : [0, version]
}

function splitRevision(version: string): [string, string] {
  const dash = version.lastIndexOf('-')
  return dash < 0 ? [version, '0'] : [version.slice(0, dash), version.slice(dash + 1)]
}

function compareParts(a: string, b: string): number {
  const runsA: string[] = a.match(/\d+|\D+/g) ?? []
  const runsB: string[] = b.match(/\d+|\D+/g) ?? []
  // A part that starts with a digit has an empty run of non-digits before it.
  if (/^\d/.test(a)) runsA.unshift('')
  if (/^\d/.test(b)) runsB.unshift('')
  for (let index = 0; index < Math.max(runsA.length, runsB.length); index++) {
    const left = runsA[index] ?? ''
    const right = runsB[index] ?? ''
    const order = index % 2 === 1 ? Number(left) - Number(right) : compareText(left, right)
    if (order !== 0) return order
  }
  return 0
}

function compareText(a: string, b: string): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const order = weight(a[index]) - weight(b[index])
    if (order !== 0) return order
  }
  return 0
}

/** `~`, then the end, then letters, then everything else. */
function weight(character: string | undefined): number {
  if (character === '~') return -1
  if (character === undefined) return 0
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 256
}

function checksums(field: string | undefined): SourcePackage['files'] {
  return (field ?? '')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => words.length === 3)
    .map(([sha256, bytes, name]) => ({ name: basename(name ?? ''), bytes: Number(bytes), sha256: sha256 ?? '' }))
}

function bareName(name: string): string {
  return name.split(':')[0] ?? name
}

/** A package for all architectures is asked for as one of apt's own. */
function ownArchitecture(wanted: BinaryPackage, options: AptOptions): string {
  return wanted.architecture === 'all' ? options.architectures[0] : wanted.architecture
}

async function checkTools(keyring: string): Promise<void> {
  await run('apt-get', ['--version'], {
    hint: 'The client is built from Debian packages: build it on Debian 12 or newer, or use the built package @boottorrent/client.',
  })
  await access(keyring).catch((cause) => {
    throw new BoottorrentError('FILE', `the keys of the Debian archive are not at ${keyring}`, {
      cause,
      hint: 'Install the package debian-archive-keyring.',
    })
  })
}
