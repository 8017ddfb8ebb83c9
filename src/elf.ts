/** What the header of a program says: its processor, and the loader of its libraries. Tool interface standard 1.2, ELF. */
import { type FileHandle, open } from 'node:fs/promises'

const ELF_32_BIT = 1
const ELF_BIG_ENDIAN = 2
const MACHINES: ReadonlyMap<number, string> = new Map([
  [3, 'i386'],
  [62, 'x86_64'],
  [40, 'arm'],
  [183, 'arm64'],
  [243, 'riscv'],
])
/** `p_type` of the segment that names the loader. */
const PT_INTERP = 3
/** More program headers than any program has. */
const MOST_HEADERS = 256
/** More bytes than any path of a loader has. */
const LONGEST_PATH = 4096

export interface Elf {
  readonly machine: string
  /** Path of the dynamic loader; undefined for a static program. */
  readonly loader: string | undefined
}

/** glibc's loaders: Phase-1 can fetch them with the libraries that QEMU needs. */
export const glibcLoaders: readonly string[] = ['/lib/ld-linux.so.2', '/lib64/ld-linux-x86-64.so.2']

/**
 * The dynamic loader that a program names. Undefined when it needs none, and for what is no program.
 *
 * @throws an error of the system when the file cannot be read
 */
export async function loaderOf(file: string): Promise<string | undefined> {
  return (await readElf(file))?.loader
}

/**
 * Undefined when it is no ELF file, or a damaged one.
 *
 * @throws an error of the system when the file cannot be read
 */
export async function readElf(file: string): Promise<Elf | undefined> {
  await using handle = await open(file)
  const head = await bytesAt(handle, 0, 64)
  if (head.length < 52 || head.toString('latin1', 0, 4) !== '\x7fELF') return undefined
  if (head[5] === ELF_BIG_ENDIAN) return { machine: 'a big-endian processor', loader: undefined }
  const is32 = head[4] === ELF_32_BIT
  if (head[5] !== 1 || (!is32 && head.length < 64)) return undefined
  const number = head.readUInt16LE(18)
  const machine = MACHINES.get(number) ?? `processor number ${number}`
  const word = (buffer: Buffer, at: number) => (is32 ? buffer.readUInt32LE(at) : Number(buffer.readBigUInt64LE(at)))
  const entrySize = head.readUInt16LE(is32 ? 42 : 54)
  const entries = head.readUInt16LE(is32 ? 44 : 56)
  if (entries > MOST_HEADERS || entrySize > 256 || (entries > 0 && entrySize < (is32 ? 32 : 56))) return undefined
  const table = await bytesAt(handle, word(head, is32 ? 28 : 32), entries * entrySize)
  if (table.length < entries * entrySize) return undefined
  for (let at = 0; at < table.length; at += entrySize) {
    if (table.readUInt32LE(at) !== PT_INTERP) continue
    const length = Math.min(word(table, at + (is32 ? 16 : 32)), LONGEST_PATH)
    const path = await bytesAt(handle, word(table, at + (is32 ? 4 : 8)), length)
    return { machine, loader: path.toString('latin1').split('\0')[0] || undefined }
  }
  return { machine, loader: undefined }
}

/** What is there of it. */
async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  if (length === 0 || !Number.isSafeInteger(position)) return Buffer.alloc(0)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}
