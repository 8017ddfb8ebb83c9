import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { publishOs } from '../../src/published.ts'

test('the initrds of a system are counted together, for machines need more memory for them than for other files', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'boottorrent-published-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const directory = path.join(folder, 'demo')
  await mkdir(directory)
  for (const [name, bytes] of [
    ['vmlinuz', 7000],
    ['first', 300],
    ['second', 21],
    ['rest', 5],
  ] as const) {
    await writeFile(path.join(directory, name), Buffer.alloc(bytes))
  }
  const settings = { announce: [], trackers: [], record: path.join(folder, 'hashes'), log: () => {} }
  const common = { name: 'demo', displayName: 'Demo', directory }
  const kexec = { ...common, method: 'kexec', kernel: 'vmlinuz', initrds: ['first', 'second'], cmdline: '' } as const
  expect(await publishOs(kexec, settings)).toMatchObject({ bytes: 7326, initrdBytes: 321 })
  const program = { ...common, method: 'program', program: 'rest', args: [] } as const
  expect(await publishOs(program, settings)).toMatchObject({ bytes: 7326, initrdBytes: 0 })
})
