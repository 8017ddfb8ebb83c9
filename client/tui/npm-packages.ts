import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

/** A package of npm of which something is in the menu. */
export interface NpmPackage {
  readonly name: string
  readonly version: string
  readonly licence: string
  /** What is in the bundle of its files. */
  readonly bytes: number
}

/** The packages that a bundle was made of, sorted by name. `folder` is what esbuild's paths are relative to. */
export async function npmPackages({ outputs }: Metafile, folder: string): Promise<NpmPackage[]> {
  const bytes = new Map<string, number>()
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const packageFolder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]
      if (packageFolder === undefined || bytesInOutput === 0) continue
      bytes.set(packageFolder, (bytes.get(packageFolder) ?? 0) + bytesInOutput)
    }
  }
  const packages = [...bytes].map(async ([path, count]): Promise<NpmPackage> => {
    const description = JSON.parse(await readFile(join(folder, path, 'package.json'), 'utf8'))
    const { name, version, license } = description as { name: string; version: string; license?: string }
    return { name, version, licence: license ?? `see the package ${name}`, bytes: count }
  })
  return (await Promise.all(packages)).sort((a, b) => (a.name < b.name ? -1 : 1))
}
