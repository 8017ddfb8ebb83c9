import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { configurationReference } from '../../../scripts/configuration-reference.ts'
import { loadEnvironment } from '../../../src/environment/index.ts'
import { version1 } from '../../../src/environment/version1.ts'
import { linux, temporaryEnvironment } from './temporary-environment.ts'

const root = path.join(import.meta.dirname, '../../..')

test('docs/configuration.md is up to date (else run: node scripts/configuration-reference.ts)', async () => {
  const written = await readFile(path.join(root, 'docs/configuration.md'), 'utf8')
  expect(written).toBe(configurationReference())
})

test('the documented defaults are the defaults', async () => {
  const sections = Object.entries(version1.settings).flatMap(([name, { type }]) =>
    'settings' in type ? [[name, type.settings] as const] : [],
  )
  // Defaults in words ("the only system") are no values.
  const isValue = (text: string) => /^(\d+h?|true|false|auto|notice|info)$/.test(text)
  const lines = sections.flatMap(([name, settings]) => [
    `${name}:`,
    ...Object.entries(settings).flatMap(([key, setting]) => {
      const value = (setting as { default?: string }).default
      return value !== undefined && isValue(value) ? [`  ${key}: ${value}`] : []
    }),
  ])
  expect(lines.length).toBeGreaterThan(20)

  const load = async (text: string) => {
    await using environment = await temporaryEnvironment({ 'Boottorrent.yaml': text, ...linux('a') })
    const { configuration, problems } = await loadEnvironment(environment.directory)
    expect(problems).toEqual([])
    return { ...configuration, directory: undefined, oss: undefined }
  }
  expect(await load(`version: 1\nlog_level: ${version1.settings.log_level.default}\n${lines.join('\n')}\n`)).toEqual(
    await load('version: 1\n'),
  )
})
