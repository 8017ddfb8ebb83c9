import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type AptOptions, createApt } from '../../../client/build/apt.ts'
import { createProgress } from '../../../client/build/progress.ts'

test('an archive that cannot be read is tried with fewer suites, then given up with what to do', async () => {
  const { apt, lines, waited, sources } = await unreachable()
  expect(await sources()).toContain('bookworm-security')

  await expect(apt.update()).rejects.toMatchObject({ code: 'INTERNAL', hint: expect.stringContaining('network') })
  // Without the security suite, then without the updates, then the release itself; a first failure is never the last.
  expect(waited).toEqual([3000, 3000, 3000, 6000])
  expect(lines.filter((line) => line.includes('trying again'))).toHaveLength(4)
  expect(await sources()).not.toContain('bookworm-security')
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
