/** Debian's own aria2c for 32-bit PCs, with every library that it asks for, whatever this computer's own architecture is. */
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { createApt } from '../client/build/apt.ts'
import { createProgress } from '../client/build/progress.ts'
import { findMirror } from '../client/build/sources.ts'
import { cache, isUnpacked, unpackedOnce } from './peers.ts'

/** The release that the client's own aria2c is compiled from. */
const RELEASE = 'bookworm'
const UNPACKED = 'aria2-i386'

/** The words that start it: its own loader (ld.so(8)) takes the libraries from the unpacked packages. */
export async function debianAria2(note: (line: string) => void): Promise<string[]> {
  const root = path.join(cache, 'apt-i386')
  if (!isUnpacked(UNPACKED)) await fetchLists(root, note)
  const folder = unpackedOnce(UNPACKED, (into) => download(root, into))
  const libraries = ['lib/i386-linux-gnu', 'usr/lib/i386-linux-gnu'].map((name) => path.join(folder, name))
  const loader = path.join(folder, 'lib/ld-linux.so.2')
  return [loader, '--library-path', libraries.join(':'), path.join(folder, 'usr/bin/aria2c')]
}

async function fetchLists(root: string, note: (line: string) => void): Promise<void> {
  const mirror = await findMirror()
  const progress = createProgress(note)
  const apt = await createApt({ root, release: RELEASE, architectures: ['i386'], mirror, progress })
  await apt.update()
}

/** Nothing is installed in that apt's list of packages, so it fetches everything down to the C library. */
function download(root: string, folder: string): void {
  mkdirSync(path.join(folder, 'partial'))
  const env = { ...process.env, APT_CONFIG: path.join(root, 'etc/apt.conf') }
  const words = ['-qq', '-y', '--no-install-recommends', '--download-only', '-o', `Dir::Cache::archives=${folder}/`]
  execFileSync('apt-get', [...words, 'install', 'aria2'], { env, stdio: ['ignore', 'ignore', 2] })
}
