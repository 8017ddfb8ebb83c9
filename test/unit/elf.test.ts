import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loaderOf } from '../../src/elf.ts'

async function fileOf(content: string | Uint8Array) {
  const folder = await mkdtemp(path.join(tmpdir(), 'boottorrent-elf-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'program')
  await writeFile(file, content)
  return file
}

test('a program of this machine, which its linker made, names its loader', async () => {
  expect(await loaderOf('/bin/ls')).toBe('/lib64/ld-linux-x86-64.so.2')
})

test('a 32-bit program names its loader, wherever in the file that stands', async () => {
  const program = Buffer.alloc(100_052)
  program.write('\x7fELF\x01\x01', 'latin1')
  program.writeUInt16LE(3, 18)
  // e_phoff, e_phentsize, e_phnum; then PT_LOAD before PT_INTERP with p_offset and p_filesz.
  program.writeUInt32LE(99_000, 28)
  program.writeUInt16LE(32, 42)
  program.writeUInt16LE(2, 44)
  program.writeUInt32LE(1, 99_000)
  program.writeUInt32LE(3, 99_032)
  program.writeUInt32LE(100_000, 99_036)
  program.writeUInt32LE(19, 99_048)
  program.write('/lib/ld-linux.so.2\0', 100_000, 'latin1')
  expect(await loaderOf(await fileOf(program))).toBe('/lib/ld-linux.so.2')
})

test('a static program names none, as Debian builds busybox', async () => {
  expect(await loaderOf('/bin/busybox')).toBeUndefined()
})

test.each([[''], ['#!/bin/sh\n'], ['\x7fELF'], [`\x7fELF\x02\x01${'\xff'.repeat(200)}`]])(
  'what is no program, or cut off, or damaged (%j), names none',
  async (text) => {
    expect(await loaderOf(await fileOf(Buffer.from(text, 'latin1')))).toBeUndefined()
  },
)

test('a program that is cut off behind its header names none', async () => {
  const whole = await readFile('/bin/ls')
  expect(await loaderOf(await fileOf(whole.subarray(0, 100)))).toBeUndefined()
})
