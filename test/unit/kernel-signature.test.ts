import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isSignedByDebian } from '../../src/kernel-signature.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'boottorrent-signature-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

interface Image {
  readonly machine?: number
  readonly owner?: string
  /** What the header says about the length of the certificates. */
  readonly length?: number
}

/** A PE image with nothing in it but what is looked at. */
function image({ machine = 0x8664, owner = 'Debian Secure Boot Signer 2022 - linux', length }: Image): Buffer {
  const bytes = Buffer.alloc(512)
  bytes.write('MZ')
  bytes.writeUInt32LE(64, 0x3c)
  bytes.write('PE\0\0', 64, 'latin1')
  bytes.writeUInt16LE(machine, 64 + 4)
  bytes.writeUInt16LE(0x20b, 64 + 24)
  bytes.writeUInt32LE(400, 64 + 168)
  bytes.writeUInt32LE(length ?? 100, 64 + 172)
  bytes.write(owner, 420)
  return bytes
}

async function verdict(bytes: Uint8Array): Promise<boolean> {
  const file = path.join(folder, 'vmlinuz')
  await writeFile(file, bytes)
  return isSignedByDebian(file)
}

test('a 64-bit kernel with a certificate of Debian is signed', async () => {
  expect(await verdict(image({}))).toBe(true)
})

test.each([
  ['of another distribution', { owner: 'Canonical Ltd. Secure Boot Signing' }],
  ['for 32 bit', { machine: 0x14c }],
  ['without certificates', { length: 0 }],
  ['with a table of certificates longer than any', { length: 0xffffffff }],
])('a kernel %s is not', async (_, options) => {
  expect(await verdict(image(options))).toBe(false)
})

test('anything else is not, however short or damaged', async () => {
  const whole = image({})
  for (const length of [0, 1, 63, 64, 100, 235, 236, 400]) expect(await verdict(whole.subarray(0, length))).toBe(false)
  const beyond = image({})
  beyond.writeUInt32LE(0xfffffff0, 0x3c)
  expect(await verdict(beyond)).toBe(false)
  expect(await verdict(Buffer.from('#!/bin/sh\n'.repeat(100)))).toBe(false)
})
