// Builds the client once more, from nothing but the record of package versions, and compares every file with the client that
// is there. `--cache FOLDER` is where; without it a folder that is removed afterwards. It takes as long as the first build.
import { cp, mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { cacheFolder } from '../client/build/cache.ts'
import { buildClient } from '../client/build/client.ts'
import { createProgress } from '../client/build/progress.ts'
import type { ClientManifest } from '../client/contract.ts'

const { values } = parseArgs({ options: { cache: { type: 'string' } } })
const progress = createProgress((line) => process.stderr.write(`${line}\n`))
await using temporary = await mkdtempDisposable(path.join(tmpdir(), 'boottorrent-rebuild-'))
const cache = values.cache ?? temporary.path

const first = await artifactsOf(await buildClient({ progress }))
// Newer packages would be another client.
await cp(path.join(cacheFolder(), 'client/resolved'), path.join(cache, 'client/resolved'), { recursive: true })
const began = performance.now()
const second = await artifactsOf(await buildClient({ progress, cache }))
const minutes = (performance.now() - began) / 60_000

const names = [...new Set([...first.keys(), ...second.keys()])].sort()
const different = names.filter((name) => first.get(name) !== second.get(name))
for (const name of names)
  console.log(`${different.includes(name) ? 'DIFFERENT' : 'same'}  ${second.get(name)}  ${name}`)
console.log(
  `${names.length - different.length} of ${names.length} files are the same, after ${minutes.toFixed(1)} minutes`,
)
process.exitCode = different.length === 0 ? 0 : 1

/** SHA-256 of every file of a built client. */
async function artifactsOf(built: string): Promise<Map<string, string>> {
  const { artifacts } = JSON.parse(await readFile(path.join(built, 'manifest.json'), 'utf8')) as ClientManifest
  return new Map(artifacts.map(({ file, sha256 }) => [file, sha256]))
}
