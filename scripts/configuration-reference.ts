// Writes docs/configuration.md from the same tables that the environment is read with.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { keysOfMethod, osSettings } from '../src/environment/os-config.ts'
import { type Flag, flags } from '../src/environment/overrides.ts'
import type { MappingType, Settings } from '../src/environment/schema.ts'
import { version0 } from '../src/environment/version0.ts'
import { machineSettings, version1 } from '../src/environment/version1.ts'

/** The whole page. */
export function configurationReference(): string {
  return [
    introduction,
    '## Boottorrent.yaml, version 1\n',
    topLevel(),
    ...sections(version1.settings).map(([name, meaning, settings]) => section(name, meaning, settings)),
    `### machines:\n\n${version1.settings.machines.meaning}\n\n${table(machineSettings)}\n\n${machinesExample}\n`,
    `## oss/&lt;name&gt;/config.yaml\n\n${ossIntroduction}\n\n${table(osSettings)}\n\n${methods()}\n`,
    `## Flags and environment variables\n\n${flagsIntroduction}\n\n${flagTable()}\n\n${clientVariable}\n`,
    `## Boottorrent.yaml, version 0\n\n${version0Introduction}\n`,
    ...sections(version0.settings).map(
      ([name, meaning, settings]) => `**${name}:** ${meaning}\n\n${oldTable(settings)}\n`,
    ),
  ].join('\n')
}

const introduction = `# Configuration

An *environment* is a folder with \`Boottorrent.yaml\`, \`oss/<name>/\` for each operating system, and \`out/\`, which is made at
every start and never edited by hand. \`boottorrent init\` writes one, \`boottorrent check\` says what is wrong in it with file,
line and column.

The files are YAML in UTF-8. A key that is not known is an error, so that a slip does not go unnoticed. A setting that
is left out, or has nothing behind its colon, has its default.

<!-- Written by scripts/configuration-reference.ts; change the tables in src/environment instead. -->
`

const ossIntroduction = `Everything in the folder but \`config.yaml\` goes to the machines. The files that are named must lie in the folder, also when
a symbolic link stands in between. The name of the folder is the name of the torrent; folders that begin with a dot are
left alone.`

const machinesExample = `\`\`\`yaml
machines:
  - mac: 52:54:00:12:34:56
    hostname: teacher
    address: 192.168.1.20
    default: debian
    timeout: -1
  - architecture: uefi-x64
    cmdline: nomodeset
\`\`\``

const flagsIntroduction = `Flags of \`boottorrent start\` beat environment variables, which beat the file, which beats the defaults.`

const clientVariable = `\`BOOTTORRENT_CLIENT\` is the path of another Phase-1 Linux, its \`manifest.json\`: one that \`build:client --out\` has made, say
with firmware (see [../client/README.md](../client/README.md#firmware)). \`doctor\` and \`add\` follow it too.`

const version0Introduction = `Environments of the Python program of 2018 start unchanged. This is what each setting became; \`True\`, \`yes\` and \`on\` are the
same. Of several equal keys in a section the last one counts, as it did then.`

function topLevel(): string {
  const plain = Object.entries(version1.settings).filter(
    ([key]) => !isSection(version1.settings, key) && key !== 'machines',
  )
  return `${table(Object.fromEntries(plain))}\n`
}

function section(name: string, meaning: string, settings: Settings): string {
  return `### ${name}:\n\n${meaning}\n\n${table(settings)}\n`
}

function sections(settings: Settings): [name: string, meaning: string, settings: Settings][] {
  return Object.entries(settings)
    .filter(([name]) => isSection(settings, name) && (settings !== version1.settings || name !== 'boottorrent'))
    .map(([name, { type, meaning }]) => [name, meaning, (type as MappingType<Settings>).settings])
}

function isSection(settings: Settings, key: string): boolean {
  const type = settings[key]?.type
  return type !== undefined && 'settings' in type
}

function table(settings: Settings): string {
  const rows = Object.entries(settings).map(([key, { type, meaning, default: otherwise, required }]) => [
    `\`${key}\``,
    type.expected,
    required ? 'required' : (otherwise ?? ''),
    meaning,
  ])
  return markdownTable(['key', 'value', 'default', 'meaning'], rows)
}

function oldTable(settings: Settings): string {
  const rows = Object.entries(settings).map(([key, { type, meaning, default: otherwise }]) => [
    `\`${key}\``,
    type.expected,
    otherwise ?? '',
    meaning,
  ])
  return markdownTable(['key', 'value', 'default', 'in version 1'], rows)
}

function methods(): string {
  const rows = Object.entries(keysOfMethod).map(([method, keys]) => [
    `\`${method}\``,
    keys.map((key) => `\`${key}\``).join(', '),
  ])
  return markdownTable(['method', 'its keys'], rows)
}

function flagTable(): string {
  const rows = flags.map(({ name, placeholder, variable, setting }: Flag) => [
    `\`--${name} <${placeholder}>\``,
    `\`${variable}\``,
    `\`${setting}\``,
  ])
  return markdownTable(['flag', 'variable', 'setting'], rows)
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

if (import.meta.main) {
  writeFileSync(path.join(import.meta.dirname, '..', 'docs', 'configuration.md'), configurationReference())
}
