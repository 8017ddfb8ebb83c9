/** A system for QEMU that shows what the mouse does: a floppy disk of one boot sector, mouse.s. */
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { writeWaitingEnvironment } from './grub-rescue.ts'
import type { Machine } from './machine.ts'
import { shareOf } from './picture.ts'

const run = promisify(execFile)

const FLOPPY_BYTES = 1440 * 1024

/** What the mouse did last, and the colour of the screen that says so, as a VGA shows it. */
const colours = {
  nothing: [170, 170, 170],
  moved: [0, 170, 0],
  left: [170, 85, 0],
  right: [170, 0, 0],
} as const

/** Writes an environment whose only system is that floppy disk, `mouse`. */
export async function writeMouseEnvironment(directory: string): Promise<void> {
  await writeWaitingEnvironment(directory, 'mouse')
  const os = join(directory, 'oss', 'mouse')
  await mkdir(os, { recursive: true })
  const object = join(directory, 'mouse.o')
  const sector = join(directory, 'mouse.bin')
  await run('as', ['--32', '-o', object, join(import.meta.dirname, 'mouse.s')])
  await run('ld', ['-m', 'elf_i386', '--oformat', 'binary', '-Ttext', '0x7c00', '-o', sector, object])
  const floppy = Buffer.alloc(FLOPPY_BYTES)
  ;(await readFile(sector)).copy(floppy)
  await writeFile(join(os, 'mouse.img'), floppy)
  const config = 'dispname: mouse\nmethod: bin-qemu-x86_64\nargs: -drive if=floppy,format=raw,file=mouse.img\n'
  await writeFile(join(os, 'config.yaml'), config)
}

/**
 * Waits until the screen says that this was what the mouse did last.
 *
 * @param meanwhile done before each look
 */
export async function expectMouse(
  machine: Machine,
  what: keyof typeof colours,
  meanwhile: () => Promise<void> = async () => {},
): Promise<void> {
  const share = async () => {
    await meanwhile()
    return shareOf(await machine.picture(), colours[what])
  }
  await expect.poll(share, { interval: 1000, timeout: 120_000 }).toBeGreaterThan(0.3)
}
