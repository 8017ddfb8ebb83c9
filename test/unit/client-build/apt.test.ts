import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type AptOptions, createApt } from '../../../client/build/apt.ts'
import { brokenSuites } from '../../../client/build/apt-failures.ts'
import { createProgress } from '../../../client/build/progress.ts'

const HASH_MISMATCH = `E: Failed to fetch http://192.0.2.5/debian-security/dists/bookworm-security/main/binary-i386/Packages.xz  Hash Sum mismatch
   Hashes of expected file:
    - SHA256:0000
E: Some index files failed to download. They have been ignored, or old ones used instead.
`

const NO_NETWORK = `E: Failed to fetch http://192.0.2.5/debian/dists/bookworm/InRelease  Temporary failure resolving 'mirror.example'
E: Failed to fetch http://192.0.2.5/debian-security/dists/bookworm-security/InRelease  Temporary failure resolving 'mirror.example'
E: Some index files failed to download. They have been ignored, or old ones used instead.
`

const LOCKED = `E: Could not get lock /c/apt/bookworm/lists/lock. It is held by process 4711 (apt-get)
E: Unable to lock directory /c/apt/bookworm/lists/
`

test('an archive that cannot be read at all is given up with what to do, and no suite is blamed', async () => {
  const { apt, lines, waited, sources } = await unreachable()
  await expect(apt.update()).rejects.toMatchObject({
    code: 'INTERNAL',
    message: expect.stringMatching(/^the package lists of Debian bookworm could not be fetched: ./),
    hint: expect.stringContaining('network'),
  })
  expect(waited).toEqual([3000, 6000])
  expect(lines.filter((line) => line.includes('trying again'))).toHaveLength(2)
  expect(await sources()).toContain('bookworm-security')
  expect(await sources()).toContain('bookworm-updates')
})

describe('when apt-get update fails', () => {
  test('for a suite that the mirror has wrong: goes on without that one, says so, and looks again the next time', async () => {
    const { apt, lines, waited, sources } = await unreachable()
    await scriptedApt('case $(cat "$SOURCES") in *bookworm-security*) cat "$SAID"; exit 100;; esac', HASH_MISMATCH)
    await apt.update()
    expect(waited).toEqual([3000])
    expect(await sources()).toContain('bookworm-updates')
    expect(await sources()).not.toContain('bookworm-security')
    expect(lines.at(-1)).toMatch(/warning: bookworm-security cannot be read at this time/)

    await scriptedApt('exit 0', '')
    await apt.update()
    expect(await sources()).toContain('bookworm-security')
  })

  test.each([
    ['for the network', NO_NETWORK, 'Temporary failure resolving'],
    ['for the network, after a suite that is wrong', HASH_MISMATCH + NO_NETWORK, 'Hash Sum mismatch'],
    ['for a lock', LOCKED, 'Could not get lock'],
  ])('%s: is an error that names the reason, and keeps every suite', async (_why, said, reason) => {
    const { apt, sources } = await unreachable()
    await scriptedApt('cat "$SAID"; exit 100', said)
    await expect(apt.update()).rejects.toMatchObject({ message: expect.stringContaining(reason) })
    expect(await sources()).toContain('bookworm-security')
    expect(await sources()).toContain('bookworm-updates')
  })

  test('for a moment only: the next attempt counts', async () => {
    const { apt, root, sources } = await unreachable()
    await scriptedApt(`[ -e ${root}/tried ] || { : >${root}/tried; cat "$SAID"; exit 100; }`, NO_NETWORK)
    await apt.update()
    expect(await sources()).toContain('bookworm-security')
  })
})

test('two commands that look at once do so one after the other', async () => {
  const { apt, root } = await unreachable()
  const other = await createApt(options(root))
  // Whoever finds the other at work fails, as apt-get does.
  await scriptedApt(`mkdir ${root}/busy || { echo "E: busy"; exit 100; }; sleep 0.2; rmdir ${root}/busy`, '')
  await Promise.all([apt.update(), other.update()])
})

describe('the words of apt', () => {
  const optional = ['bookworm-updates', 'bookworm-security']

  test.each([
    [HASH_MISMATCH, ['bookworm-security']],
    [
      "E: The repository 'http://192.0.2.5/debian bookworm-updates Release' does not have a Release file.\n",
      ['bookworm-updates'],
    ],
    [
      'E: Failed to fetch http://192.0.2.5/debian/dists/bookworm-updates/InRelease  404  Not Found\n',
      ['bookworm-updates'],
    ],
    ["E: The repository 'http://192.0.2.5/debian bookworm Release' does not have a Release file.\n", []],
    ['E: Failed to fetch http://192.0.2.5/debian/dists/bookworm-updates/InRelease  503  Service Unavailable\n', []],
    [NO_NETWORK, []],
    [LOCKED, []],
    ['', []],
  ])('%j blame %j', (said, suites) => {
    expect(brokenSuites(said, optional)).toEqual(suites)
  })
})

test('a package that cannot be fetched is an error that tells of --update', async () => {
  const { apt } = await unreachable()
  const wanted = await apt.binary('busybox-static', 'i386').catch((error: unknown) => error)
  expect(wanted).toMatchObject({ hint: expect.stringContaining('busybox-static') })
})

test('everything of this apt lies in its own folder, and every suite is checked with the archive keys', async () => {
  const { root, sources } = await unreachable()
  const configuration = await readFile(join(root, 'etc/apt.conf'), 'utf8')
  for (const setting of ['Dir::State::lists', 'Dir::State::status', 'Dir::Cache::archives', 'Dir::Etc::sourcelist']) {
    expect(configuration).toContain(`${setting} "${root}/`)
  }
  expect(configuration).toContain('Dir::Etc::sourceparts "/dev/null"')
  for (const line of (await sources()).trim().split('\n'))
    expect(line).toMatch(/^deb(-src)? \[signed-by=\/usr\/share\//)
})

test('without the keys of the archive it says which package brings them', async () => {
  const root = await folder()
  await expect(createApt({ ...options(root), keyring: '/nonexistent.gpg' })).rejects.toMatchObject({
    code: 'FILE',
    hint: expect.stringContaining('debian-archive-keyring'),
  })
})

/** Puts a shell script in the place of apt-get. `$SAID` is a file of these words, `$SOURCES` the list of sources. */
async function scriptedApt(script: string, said: string): Promise<void> {
  const bin = await folder()
  await writeFile(join(bin, 'said'), said)
  const variables = `SAID=${bin}/said SOURCES=$(dirname "$APT_CONFIG")/sources.list`
  await writeFile(join(bin, 'apt-get'), `#!/bin/sh\n${variables}\nexec >&2\n${script}\n`, { mode: 0o755 })
  vi.stubEnv('PATH', `${bin}:${process.env.PATH}`)
  onTestFinished(() => void vi.unstubAllEnvs())
}

async function unreachable() {
  const root = await folder()
  const lines: string[] = []
  const waited: number[] = []
  const apt = await createApt({
    ...options(root),
    progress: createProgress((line) => lines.push(line)),
    wait: async (milliseconds) => waited.push(milliseconds),
  })
  return { apt, root, lines, waited, sources: () => readFile(join(root, 'etc/sources.list'), 'utf8') }
}

function options(root: string): AptOptions {
  return {
    root,
    release: 'bookworm',
    architectures: ['i386', 'amd64'],
    mirror: { archive: `file:${root}/no-such-archive`, security: `file:${root}/no-such-security` },
    progress: createProgress(() => {}),
  }
}

async function folder(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'boottorrent-apt-'))
  onTestFinished(() => rm(root, { recursive: true }))
  return root
}
