/** Programs to measure against. They are unpacked, not installed: installing a server would start it on this machine. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

export const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'boottorrent', 'bench')

/** Unpacks Debian packages into one folder of the cache and returns it. */
export function unpackPackages(...packages: string[]): string {
  return unpackedOnce(packages.join('+'), (folder) => {
    execFileSync('apt-get', ['download', ...packages], { cwd: folder, stdio: ['ignore', 'ignore', 'ignore'] })
  })
}

export function isUnpacked(name: string): boolean {
  return existsSync(path.join(cache, name))
}

/** The folder of the cache with this name; when it is new, the packages that `download` puts into it are unpacked there. */
export function unpackedOnce(name: string, download: (folder: string) => void): string {
  const folder = path.join(cache, name)
  if (isUnpacked(name)) return folder
  const making = `${folder}.making`
  rmSync(making, { recursive: true, force: true })
  mkdirSync(making, { recursive: true })
  download(making)
  for (const file of readdirSync(making).filter((name) => name.endsWith('.deb'))) {
    execFileSync('dpkg-deb', ['-x', file, '.'], { cwd: making })
    rmSync(path.join(making, file))
  }
  renameSync(making, folder)
  return folder
}

/** The library path with which a program of such a folder runs. */
export function libraryPath(folder: string): string {
  const places = ['lib', 'usr/lib'].map((name) => path.join(folder, name)).filter((place) => existsSync(place))
  return places.flatMap((place) => [place, ...readdirSync(place).map((name) => path.join(place, name))]).join(':')
}

/** Compiles a C program of this folder and returns its path. */
export function compile(source: string): string {
  mkdirSync(cache, { recursive: true })
  const target = path.join(cache, path.basename(source, '.c'))
  const options = ['-O2', '-Wall', '-o', target]
  execFileSync('gcc', [...options, new URL(source, import.meta.url).pathname], { stdio: ['ignore', 2, 2] })
  return target
}
