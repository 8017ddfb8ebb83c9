import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findMirror, mirrorOf, parseDeb822, parseOneLine } from '../../../client/build/sources.ts'

/** As the image of Debian 12 brings it. */
const DEBIAN_SOURCES = `Types: deb
# a comment between two fields
URIs: http://mirror.example/debian/
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`

const OTHERS = `deb https://packages.example/apt cloud-sdk-bookworm main
# deb http://commented.example/debian bookworm main
deb [arch=amd64] https://deb.example/node_20.x nodistro main
`

test('finds the archive and the security archive in a .sources file', () => {
  const mirror = mirrorOf(parseDeb822(DEBIAN_SOURCES))
  expect(mirror).toEqual({
    archive: 'http://mirror.example/debian',
    security: 'http://security.example/debian-security',
  })
})

test('finds them in a sources.list with options in brackets', () => {
  const list = `deb [signed-by=/x.gpg arch=i386,amd64] http://mirror.example/debian stable main contrib # comment
deb-src http://mirror.example/debian stable main
deb http://security.example/debian-security stable-security main`
  expect(mirrorOf(parseOneLine(list))).toEqual({
    archive: 'http://mirror.example/debian',
    security: 'http://security.example/debian-security',
  })
})

test('derives the security archive from the archive when none is named', () => {
  expect(mirrorOf(parseOneLine('deb http://mirror.example/debian trixie main'))?.security).toBe(
    'http://mirror.example/debian-security',
  )
})

test('takes no other vendor and no other distribution for Debian', () => {
  expect(mirrorOf(parseOneLine(OTHERS))).toBeUndefined()
  expect(mirrorOf(parseOneLine('deb http://archive.example/ubuntu jammy main universe'))).toBeUndefined()
})

test('skips a CD, a disabled stanza and a component that is not main', () => {
  expect(mirrorOf(parseOneLine('deb cdrom:[Debian]/ bookworm main'))).toBeUndefined()
  expect(mirrorOf(parseOneLine('deb http://mirror.example/debian bookworm contrib'))).toBeUndefined()
  expect(mirrorOf(parseDeb822(`Enabled: no\n${DEBIAN_SOURCES}`))?.archive).toBeUndefined()
})

test('reads fields that go on over several lines', () => {
  const [source] = parseDeb822(
    'Types: deb deb-src\nURIs:\n http://one.example/debian\n http://two.example/debian\nSuites: sid\n',
  )
  expect(source?.uris).toEqual(['http://one.example/debian', 'http://two.example/debian'])
})

test('looks through the folder of sources', async () => {
  const etc = await aptFolder({ 'sources.list.d/debian.sources': DEBIAN_SOURCES, 'sources.list.d/others.list': OTHERS })
  await expect(findMirror(etc, {})).resolves.toMatchObject({ archive: 'http://mirror.example/debian' })
})

test('a mirror that was named wins', async () => {
  const etc = await aptFolder({ 'sources.list': 'deb http://mirror.example/debian bookworm main' })
  const mirror = await findMirror(etc, { BOOTTORRENT_DEBIAN_MIRROR: 'http://named.example/debian/' })
  expect(mirror).toEqual({ archive: 'http://named.example/debian', security: 'http://named.example/debian-security' })
})

test('without a Debian archive it says how to name one', async () => {
  const etc = await aptFolder({ 'sources.list': OTHERS })
  await expect(findMirror(etc, {})).rejects.toMatchObject({
    code: 'FILE',
    hint: expect.stringContaining('BOOTTORRENT_DEBIAN_MIRROR'),
  })
})

async function aptFolder(files: Record<string, string>): Promise<string> {
  const etc = await mkdtemp(join(tmpdir(), 'boottorrent-apt-'))
  onTestFinished(() => rm(etc, { recursive: true }))
  await mkdir(join(etc, 'sources.list.d'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(etc, name), text)
  return etc
}
