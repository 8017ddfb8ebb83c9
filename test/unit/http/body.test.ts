import { expect, test } from 'vitest'
import { openBody } from '../../../src/http/body.ts'

async function versionOf(text: string): Promise<string> {
  const bytes = Buffer.from(text)
  return (await openBody({ name: 'file', size: bytes.length, bytes })).version
}

test('bytes in memory that are made anew have the same version when they are the same, and only then', async () => {
  expect(await versionOf('one torrent')).toBe(await versionOf('one torrent'))
  expect(await versionOf('one torrent')).not.toBe(await versionOf('two torrent'))
})
