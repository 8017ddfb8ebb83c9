import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { debugKeyFile, debugPublicKey, makeKeyPair } from '../../src/debug-key.ts'

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'boottorrent-key-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

test('OpenSSH reads the private key, and finds the public one in it', async () => {
  const file = path.join(await folder(), 'key')
  const { publicKey, privateKey } = makeKeyPair()
  await writeFile(file, privateKey, { mode: 0o600 })
  expect(execFileSync('ssh-keygen', ['-y', '-P', '', '-f', file], { encoding: 'utf8' })).toBe(publicKey)
})

test('an environment keeps its key, which only its owner may read', async () => {
  const directory = await folder()
  const first = await debugPublicKey(directory)
  expect(await debugPublicKey(directory)).toBe(first)
  expect((await stat(debugKeyFile(directory))).mode & 0o777).toBe(0o600)
  expect(await readFile(`${debugKeyFile(directory)}.pub`, 'utf8')).toBe(first)
  // Whoever wants another one removes both.
  await rm(debugKeyFile(directory))
  await rm(`${debugKeyFile(directory)}.pub`)
  expect(await debugPublicKey(directory)).not.toBe(first)
})

test('a folder that cannot be written ends in a sentence', async () => {
  const directory = await folder()
  await writeFile(path.join(directory, '.boottorrent'), 'a file in the way')
  await expect(debugPublicKey(directory)).rejects.toMatchObject({ name: 'BoottorrentError' })
})
