import { access, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { addSystem } from '../../src/add/index.ts'
import { labNetwork } from './lab.ts'
import type { Machine } from './machine.ts'
import { barOf, shareOf } from './picture.ts'

/** Real images for QEMU: the GRUB that the package grub-rescue-pc brings as a CD and as a floppy disk. */
const images = '/usr/lib/grub-rescue'

/** The colours that GRUB's "Change the colors" gives its menu: brown is the background, as a VGA shows it. */
const brown = [170, 85, 0] as const
const grey = [170, 170, 170] as const

/** A system for QEMU: its folder's name and the image it boots from. */
export interface GrubSystem {
  readonly name: string
  readonly image: 'grub-rescue-cdrom.iso' | 'grub-rescue-floppy.img'
  /** QEMU's words for it. Left out: the system is added as `boottorrent add` does it, which finds them itself. */
  readonly args?: string
}

/** Writes an environment with these systems, whose menu waits. The first one is the default. `boot` is more of that section. */
export async function writeGrubEnvironment(
  directory: string,
  systems: readonly [GrubSystem, ...GrubSystem[]],
  boot = '',
): Promise<void> {
  await writeWaitingEnvironment(directory, systems[0].name, boot)
  for (const system of systems) await writeGrubSystem(directory, system)
}

/** The settings of an environment whose menu waits. */
export async function writeWaitingEnvironment(directory: string, defaultOs: string, boot = ''): Promise<void> {
  await writeFile(
    join(directory, 'Boottorrent.yaml'),
    `version: 1
boot:
  default: ${defaultOs}
  timeout: -1
  seed_time: 0
  ${boot}
network:
  interface: ${labNetwork.interface}
  mode: dhcp
  range: ${labNetwork.range.join(',')}
`,
  )
}

async function writeGrubSystem(directory: string, { name, image, args }: GrubSystem): Promise<void> {
  const file = join(images, image)
  await access(file).catch(() => {
    throw new Error(`${file} is missing. Install it: apt-get install grub-rescue-pc`)
  })
  if (args === undefined) {
    await addSystem({ environment: directory, sources: [file], name, displayName: name })
    return
  }
  const os = join(directory, 'oss', name)
  await mkdir(os, { recursive: true })
  await copyFile(file, join(os, image))
  await writeFile(join(os, 'config.yaml'), `dispname: ${name}\nmethod: bin-qemu-x86_64\nargs: ${args}\n`)
}

/**
 * Waits until GRUB's menu is on the screen of the machine that QEMU runs on: its selected entry is a grey bar. Text of that
 * colour is on the screen of Phase-1 before.
 */
export async function expectGrubMenu(machine: Machine): Promise<void> {
  const rows = async () => barOf(await machine.picture(), grey).rows
  await expect.poll(rows, { interval: 1000, timeout: 120_000 }).toBeGreaterThanOrEqual(8)
}

/**
 * Chooses the last entry of GRUB's menu on the keyboard, "Change the colors", and waits until the screen shows it. A slow
 * machine may draw its menu before it takes keys.
 */
export async function changeColours(machine: Machine): Promise<void> {
  const top = async () => barOf(await machine.picture(), grey).from
  const first = await top()
  const goDown = async () => {
    await machine.press('end')
    return await top()
  }
  await expect.poll(goDown, { interval: 1000, timeout: 60_000 }).toBeGreaterThan(first)
  await machine.press('ret')
  const background = async () => shareOf(await machine.picture(), brown)
  await expect.poll(background, { interval: 1000, timeout: 60_000 }).toBeGreaterThan(0.3)
}

/** Goes to the menu on the first console and back to GRUB, as the menu tells a person to. */
export async function lookAtMenu(machine: Machine): Promise<void> {
  const background = async () => shareOf(await machine.picture(), brown)
  await machine.press('ctrl', 'alt', 'f1')
  await expect.poll(background, { interval: 1000, timeout: 60_000 }).toBeLessThan(0.01)
  await machine.press('ctrl', 'alt', 'f7')
  await expect.poll(background, { interval: 1000, timeout: 60_000 }).toBeGreaterThan(0.3)
}

/** Types `halt` on GRUB's command line, which switches the machine that QEMU plays off. */
export async function halt(machine: Machine): Promise<void> {
  for (const key of ['c', 'h', 'a', 'l', 't', 'ret']) await machine.press(key)
}
