/** OCI image layouts (image-spec 1.1) and what `docker save` writes, unpacked in a folder: which layers, and what to run. */
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { BoottorrentError } from '../../errors.ts'
import type { Layer } from './tar-layer.ts'

export interface ContainerImage {
  /** What it is called, as `debian:12`; undefined when it does not say. */
  readonly title: string | undefined
  readonly layers: readonly Layer[]
  /** Words of the program to run; none when the image does not say. */
  readonly command: readonly string[]
  /** As `PATH=/usr/bin`. */
  readonly environment: readonly string[]
  readonly workingDirectory: string
}

const LARGEST_JSON = 4 * 1024 * 1024
const MOST_LAYERS = 500
/** An index may name indexes. */
const MOST_INDEXES = 4

export async function isOciLayout(folder: string): Promise<boolean> {
  return stat(path.join(folder, 'oci-layout')).then(
    (stats) => stats.isFile(),
    () => false,
  )
}

/** @throws BoottorrentError FORMAT when the layout is not whole, or has no image for x86 */
export async function readOciLayout(folder: string): Promise<ContainerImage> {
  let index = await readJson(folder, 'index.json')
  let title: string | undefined
  for (let hop = 0; hop < MOST_INDEXES; hop += 1) {
    const chosen = chooseManifest(folder, listOf(index.manifests))
    title ??= titleOf(chosen)
    const manifest = await readJson(folder, blob(folder, chosen.digest))
    if (!Array.isArray(manifest.manifests)) return imageOf(folder, manifest, title)
    index = manifest
  }
  throw broken(folder, 'its indexes go round in circles')
}

async function imageOf(folder: string, manifest: Json, title: string | undefined): Promise<ContainerImage> {
  const layers = listOf(manifest.layers)
  if (layers.length === 0 || layers.length > MOST_LAYERS) throw broken(folder, `it has ${layers.length} layers`)
  const described = await readJson(folder, blob(folder, objectOf(manifest.config).digest))
  if (typeof described.architecture === 'string' && !['amd64', '386'].includes(described.architecture)) {
    throw broken(folder, `it is made for ${described.architecture}, and PCs are amd64 or 386`)
  }
  const config = objectOf(described.config)
  return {
    title,
    layers: layers.map(({ digest }) => {
      const file = blob(folder, digest)
      return { path: path.join(folder, file), sha256: path.basename(file) }
    }),
    command: [...wordsOf(config.Entrypoint), ...wordsOf(config.Cmd)],
    environment: wordsOf(config.Env),
    workingDirectory: typeof config.WorkingDir === 'string' && config.WorkingDir !== '' ? config.WorkingDir : '/',
  }
}

type Json = Readonly<Record<string, unknown>>

function chooseManifest(folder: string, manifests: readonly Json[]): Json {
  const forPc = manifests.filter(({ platform }) => {
    const { architecture, os } = objectOf(platform)
    return (architecture === undefined || architecture === 'amd64') && (os === undefined || os === 'linux')
  })
  const other = manifests.find(({ platform }) => objectOf(platform).architecture === '386')
  const [chosen = other] = forPc
  if (chosen !== undefined) return chosen
  throw broken(folder, 'it has no image for amd64 or 386 Linux')
}

function titleOf({ annotations }: Json): string | undefined {
  const named = objectOf(annotations)
  const title = named['io.containerd.image.name'] ?? named['org.opencontainers.image.ref.name']
  return typeof title === 'string' && /^[\w.:/@-]{1,200}$/.test(title) ? title : undefined
}

/** Where the bytes of a digest lie. A digest with anything else in it would be a path of its own. */
function blob(folder: string, digest: unknown): string {
  const found = typeof digest === 'string' ? /^sha256:([0-9a-f]{64})$/.exec(digest) : null
  if (found?.[1] === undefined) throw broken(folder, `${JSON.stringify(digest)?.slice(0, 80)} is no SHA-256 digest`)
  return path.join('blobs', 'sha256', found[1])
}

async function readJson(folder: string, name: string): Promise<Json> {
  const file = path.join(folder, name)
  try {
    const stats = await stat(file)
    if (!stats.isFile()) throw broken(folder, `${name} is not a regular file`)
    if (stats.size > LARGEST_JSON) throw broken(folder, `${name} is far too large`)
    return objectOf(JSON.parse(await readFile(file, 'utf8')))
  } catch (cause) {
    if (cause instanceof BoottorrentError) throw cause
    throw broken(folder, `${name} cannot be read`, cause)
  }
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(objectOf) : []
}

function wordsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((word) => typeof word === 'string') : []
}

function broken(folder: string, why: string, cause?: unknown): BoottorrentError {
  return new BoottorrentError('FORMAT', `The image layout ${folder} cannot be used: ${why}.`, {
    hint: 'Write it again, for example: skopeo copy --override-arch amd64 docker-archive:image.tar oci:image',
    cause,
  })
}
