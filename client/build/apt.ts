/**
 * A private apt: its own sources, lists, cache and an empty list of installed packages. The machine's own apt is read for
 * its mirror and its settings (proxies, time-outs) and never changed. Everything fetched is checked by apt against the
 * archive's signatures.
 */

import { access, mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { BoottorrentError } from '../../src/errors.ts'
import { brokenSuites, firstReason } from './apt-failures.ts'
import { withLock } from './lock.ts'
import {
  type Architecture,
  type BinaryPackage,
  binaryFrom,
  newestSource,
  type Package,
  type SourcePackage,
} from './package-records.ts'
import type { Progress } from './progress.ts'
import { CommandFailed, type RunOptions, run } from './run.ts'
import type { Mirror } from './sources.ts'

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
/** How often anything that needs the network is tried. */
const ATTEMPTS = 3
/** How often a suite is tried that the mirror has wrong, before the build goes on without it. */
const ATTEMPTS_ON_BROKEN_SUITES = 2
const OFFLINE = 'Is the network up? Once everything is in the cache, a build needs no network.'

export interface AptOptions {
  /** The folder that holds everything of this apt. */
  readonly root: string
  /** A release of Debian. Its updates and security suites come with it. */
  readonly release: 'bookworm' | 'trixie'
  /** The parts of the archive that packages may come from. Default: `main`. */
  readonly components?: readonly string[]
  /** The first is apt's own. */
  readonly architectures: readonly [Architecture, ...Architecture[]]
  readonly mirror: Mirror
  readonly progress: Progress
  readonly keyring?: string
  /** Waits before another attempt, in milliseconds. */
  readonly wait?: (milliseconds: number) => Promise<unknown>
}

export interface Apt {
  /**
   * Fetches the lists of packages. Goes on without the updates or the security suite, with a warning, when the mirror
   * itself has them wrong; a network that fails is an error.
   */
  update(): Promise<void>
  /** The newest version of one binary package. */
  binary(name: string, architecture: Architecture): Promise<BinaryPackage>
  /** The same of many packages, in the order of their names. A package for all architectures is one of each of them. */
  binaries(names: readonly string[], architecture: Architecture): Promise<BinaryPackage[]>
  source(name: string): Promise<SourcePackage>
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
  /** Suites that a build can do without. */
  #optional: readonly string[]

  constructor(options: AptOptions) {
    this.#options = options
    this.#optional = optionalSuites(options.release)
  }

  async write(): Promise<void> {
    const { root } = this.#options
    for (const folder of ['etc', 'lists/partial', 'archives/partial'])
      await mkdir(join(root, folder), { recursive: true })
    await this.#writeFile('status', '')
    await this.#writeFile('etc/apt.conf', await this.#configuration())
    await this.#writeSources()
  }

  /** Another command's apt may be reading the file at this moment. */
  async #writeFile(name: string, text: string): Promise<void> {
    const file = join(this.#options.root, name)
    const unfinished = `${file}.${process.pid}.new`
    await writeFile(unfinished, text)
    await rename(unfinished, file)
  }

  /** One command at a time: all share the lists, and apt itself does not wait for another. */
  update(): Promise<void> {
    const { root, release, progress } = this.#options
    const waiting = () => progress.note(`another build is fetching the package lists of ${release}; waiting for it`)
    return withLock(join(root, 'update.lock'), () => this.#update(), waiting)
  }

  async #update(): Promise<void> {
    const { release, progress, wait = delay } = this.#options
    this.#optional = optionalSuites(release)
    await this.#writeSources()
    const dropped: string[] = []
    for (let attempt = 1; ; attempt++) {
      const failure = await this.#fetchLists()
      if (failure === undefined) break
      const broken = brokenSuites(failure.said, this.#optional)
      if (broken.length > 0 && attempt >= ATTEMPTS_ON_BROKEN_SUITES) {
        dropped.push(...broken)
        this.#optional = this.#optional.filter((suite) => !broken.includes(suite))
        await this.#writeSources()
        attempt = 0
        continue
      }
      if (attempt >= ATTEMPTS) {
        const what = `the package lists of Debian ${release} could not be fetched: ${firstReason(failure.said)}`
        throw new BoottorrentError('INTERNAL', what, { cause: failure, hint: OFFLINE })
      }
      progress.note(`could not fetch the package lists of ${release}; trying again in ${attempt * 3} s`)
      await wait(attempt * 3000)
    }
    if (dropped.length > 0) {
      progress.warn(
        `${dropped.join(' and ')} cannot be read at this time (a mirror may be in the middle of a change); ` +
          'building without the newest updates. Later, --update looks again.',
      )
    }
  }

  /** Half-fetched lists would give half an answer: any failure counts. */
  async #fetchLists(): Promise<CommandFailed | undefined> {
    try {
      await this.#run('apt-get', ['-qq', '-o', 'APT::Update::Error-Mode=any', 'update'], { hint: OFFLINE })
      return undefined
    } catch (error) {
      if (error instanceof CommandFailed) return error
      throw error
    }
  }

  async binary(name: string, architecture: Architecture): Promise<BinaryPackage> {
    const [found] = await this.binaries([name], architecture)
    return found as BinaryPackage
  }

  async binaries(names: readonly string[], architecture: Architecture): Promise<BinaryPackage[]> {
    const records = await this.#show(names.map((name) => `${name}:${architecture}`))
    const byName = new Map(records.map((record) => [record.name, record]))
    return names.map((name) => {
      const found = byName.get(name)
      if (found) return found
      throw new BoottorrentError('FILE', `${this.#options.release} has no package ${name} for ${architecture}`)
    })
  }

  async source(name: string): Promise<SourcePackage> {
    const text = await this.#run('apt-cache', ['showsrc', '--only-source', name])
    return newestSource(text, name)
  }

  /** All at once: every call of apt-cache reads all lists again. */
  async #show(names: readonly string[]): Promise<BinaryPackage[]> {
    const text = await this.#run('apt-cache', ['show', '--no-all-versions', ...names], {
      hint: `Does ${this.#options.release} still have ${names.join(', ')}?`,
    })
    return text.trim().split('\n\n').map(binaryFrom)
  }

  async download(wanted: Package, folder: string): Promise<void> {
    await mkdir(folder, { recursive: true })
    const { name, version } = wanted
    const args =
      wanted.kind === 'source'
        ? ['-qq', '--download-only', '--only-source', 'source', `${name}=${version}`]
        : ['-qq', 'download', `${name}:${ownArchitecture(wanted, this.#options)}=${version}`]
    const hint = `${OFFLINE} If the archive has newer packages by now: npm run build:client -- --update.`
    const fetch = () => this.#run('apt-get', args, { cwd: folder, hint })
    await this.#retry(`${name} ${version}`, ATTEMPTS, fetch, () => this.update())
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
    const { release, mirror, components = ['main'], keyring = KEYRING } = this.#options
    const lines = [release, ...this.#optional].flatMap((suite) => {
      const uri = suite.endsWith('-security') ? mirror.security : mirror.archive
      return ['deb', 'deb-src'].map((type) => `${type} [signed-by=${keyring}] ${uri} ${suite} ${components.join(' ')}`)
    })
    await this.#writeFile('etc/sources.list', `${lines.join('\n')}\n`)
  }

  #run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    const env = { ...process.env, APT_CONFIG: join(this.#options.root, 'etc/apt.conf'), LC_ALL: 'C' }
    return run(command, args, { ...options, env })
  }

  /** Tries again after a while. `mend` runs before the second attempt. */
  async #retry(
    what: string,
    attempts: number,
    work: () => Promise<unknown>,
    mend?: () => Promise<void>,
  ): Promise<void> {
    const { progress, wait = delay } = this.#options
    for (let attempt = 1; ; attempt++) {
      try {
        await work()
        return
      } catch (error) {
        if (attempt >= attempts) throw error
        progress.note(`could not fetch ${what}; trying again in ${attempt * 3} s`)
        await wait(attempt * 3000)
        if (attempt === 1) await mend?.()
      }
    }
  }
}

function optionalSuites(release: string): string[] {
  return [`${release}-updates`, `${release}-security`]
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
