/** Says whether a manifest has everything that this version reads in one: client and host are installed and built apart. */
import { type ClientManifest, kernelFlavours } from '../client/contract.ts'

type Test = (value: unknown) => boolean

const loaders: readonly (keyof ClientManifest['loaders'])[] = [
  'bios',
  'bios-pxelinux',
  'uefi-x64',
  'uefi-x64-secure',
  'uefi-ia32',
]

/** Where it must have what, as {@link ClientManifest} describes it. */
const EXPECTED: readonly (readonly [place: string, is: Test])[] = [
  ...kernelFlavours.flatMap((flavour): [string, Test][] => [
    [`kernels.${flavour}.file`, isName],
    [`kernels.${flavour}.release`, isName],
    [`segments.drivers.${flavour}`, isName],
    [`segments.otherDrivers.${flavour}.file`, isName],
    [`segments.otherDrivers.${flavour}.cards`, isText],
    [`segments.otherDrivers.${flavour}.commonCards`, isText],
  ]),
  ['segments.base', isName],
  ['segments.secureBoot', isName],
  ...loaders.map((way): [string, Test] => [`loaders.${way}`, isName]),
  ['hypervisors', listOf({ folder: isName, kernels: (value) => Array.isArray(value) && value.every(isName) })],
  ['artifacts', listOf({ file: isName, bytes: Number.isSafeInteger, sha256: isText })],
]

/** The first thing that it lacks, as `segments.base`; undefined when it has all of them. */
export function missingIn(manifest: unknown): string | undefined {
  return EXPECTED.find(([place, is]) => !is(valueAt(manifest, place)))?.[0]
}

function valueAt(manifest: unknown, place: string): unknown {
  return place.split('.').reduce(fieldOf, manifest)
}

function fieldOf(value: unknown, key: string): unknown {
  const isObject = typeof value === 'object' && value !== null
  return isObject && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined
}

function listOf(fields: Readonly<Record<string, Test>>): Test {
  const isItem = (item: unknown) => Object.entries(fields).every(([key, is]) => is(fieldOf(item, key)))
  return (value) => Array.isArray(value) && value.every(isItem)
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
