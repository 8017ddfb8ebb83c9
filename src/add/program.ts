/** A program that runs in Phase-1 Linux. */
import { open } from 'node:fs/promises'
import path from 'node:path'
import { BoottorrentError } from '../errors.ts'
import type { Plan } from './plan.ts'
import type { Recognised } from './recognise.ts'

/** ELF, tool interface standard 1.2, and the machine numbers of its supplement. */
const ELF_32_BIT = 1
const ELF_LITTLE_ENDIAN = 1
const MACHINES: ReadonlyMap<number, string> = new Map([
  [3, 'i386'],
  [62, 'x86_64'],
  [40, 'arm'],
  [183, 'arm64'],
  [243, 'riscv'],
])
const PT_INTERP = 3
/** More program headers than any program has. */
const MOST_HEADERS = 256

interface Elf {
  readonly machine: string
  /** Whether it asks for a dynamic linker. */
  readonly isDynamic: boolean
}

/** @throws BoottorrentError FORMAT for a program of another processor or one that is damaged */
export async function planProgram(program: Recognised, args: readonly string[]): Promise<Plan> {
  const name = path.basename(program.path)
  return {
    title: undefined,
    start: { method: 'bin', program: name, args },
    files: [{ name, size: program.size, path: program.path, isExecutable: true }],
    decisions: program.kind === 'script' ? [scriptDecision(name)] : elfDecisions(name, await readElf(program.path)),
  }
}

function scriptDecision(name: string): string {
  return `${name} is a script: it runs in Phase-1 Linux, whose shell and tools are those of busybox.`
}

function elfDecisions(name: string, { machine, isDynamic }: Elf): string[] {
  if (machine !== 'i386' && machine !== 'x86_64') {
    throw new BoottorrentError('FORMAT', `${name} is a program for ${machine}; Phase-1 Linux runs on x86.`, {
      hint: 'Build it for x86, best as a static 32-bit program (i386), which runs on every PC.',
    })
  }
  const where = machine === 'i386' ? 'on every PC' : 'on 64-bit PCs only'
  const decisions = [`${name} is a program for ${machine}: it runs in Phase-1 Linux, ${where}.`]
  if (isDynamic) {
    decisions.push(
      'It needs shared libraries, which Phase-1 Linux does not have: link it statically, or it may not start.',
    )
  }
  return decisions
}

async function readElf(file: string): Promise<Elf> {
  const damaged = () =>
    new BoottorrentError('FORMAT', `${file} begins like a program (ELF) and is damaged.`, { hint: 'Copy it again.' })
  await using handle = await open(file)
  const head = Buffer.alloc(64)
  const { bytesRead } = await handle.read(head, 0, head.length, 0)
  if (bytesRead < 52 || head[5] !== ELF_LITTLE_ENDIAN) {
    if (bytesRead >= 52 && head[5] === 2) return { machine: 'a big-endian processor', isDynamic: false }
    throw damaged()
  }
  const is32 = head[4] === ELF_32_BIT
  const number = head.readUInt16LE(18)
  const machine = MACHINES.get(number) ?? `processor number ${number}`
  const offset = is32 ? head.readUInt32LE(28) : Number(head.readBigUInt64LE(32))
  const entrySize = head.readUInt16LE(is32 ? 42 : 54)
  const entries = head.readUInt16LE(is32 ? 44 : 56)
  if (entries > MOST_HEADERS || entrySize > 256 || (entries > 0 && entrySize < 4)) throw damaged()
  const table = Buffer.alloc(entries * entrySize)
  const read = await handle.read(table, 0, table.length, Math.min(offset, Number.MAX_SAFE_INTEGER))
  if (read.bytesRead < table.length) throw damaged()
  const types = Array.from({ length: entries }, (_, index) => table.readUInt32LE(index * entrySize))
  return { machine, isDynamic: types.includes(PT_INTERP) }
}
