/** A program that runs in Phase-1 Linux. */
import path from 'node:path'
import { type Elf, glibcLoaders, readElf } from '../elf.ts'
import { BoottorrentError } from '../errors.ts'
import type { Plan } from './plan.ts'
import type { Recognised } from './recognise.ts'

/** @throws BoottorrentError FORMAT for a program of another processor or one that is damaged */
export async function planProgram(program: Recognised, args: readonly string[]): Promise<Plan> {
  const name = path.basename(program.path)
  const decisions =
    program.kind === 'script' ? [scriptDecision(name)] : elfDecisions(name, await wholeElf(program.path))
  return {
    title: undefined,
    start: { method: 'bin', program: name, args },
    files: [{ name, size: program.size, path: program.path, isExecutable: true }],
    decisions,
  }
}

function scriptDecision(name: string): string {
  return `${name} is a script: it runs in Phase-1 Linux, whose shell and tools are those of busybox.`
}

async function wholeElf(file: string): Promise<Elf> {
  const elf = await readElf(file)
  if (elf !== undefined) return elf
  throw new BoottorrentError('FORMAT', `${file} begins like a program (ELF) and is damaged.`, {
    hint: 'Copy it again.',
  })
}

function elfDecisions(name: string, { machine, loader }: Elf): string[] {
  if (machine !== 'i386' && machine !== 'x86_64') {
    throw new BoottorrentError('FORMAT', `${name} is a program for ${machine}; Phase-1 Linux runs on x86.`, {
      hint: 'Build it for x86, best as a static 32-bit program (i386), which runs on every PC.',
    })
  }
  // The libraries that a machine can have are those of its kernel.
  const width = machine === 'x86_64' ? 'on 64-bit PCs only' : 'on 32-bit PCs only'
  const where = machine === 'i386' && loader === undefined ? 'on every PC' : width
  const decisions = [`${name} is a program for ${machine}: it runs in Phase-1 Linux, ${where}.`]
  if (loader === undefined) return decisions
  const libraries = glibcLoaders.includes(loader)
    ? 'It needs shared libraries: machines fetch glibc with the libraries of QEMU, about 30 MB; what is not among these has to lie beside the program.'
    : `It needs shared libraries by way of ${loader}, which Phase-1 Linux does not have: link it statically, or it does not start.`
  return [...decisions, libraries]
}
