/** Looks at a program before it is started: whether this system can run it at all. System V ABI, "Object Files"; execve(2). */

/** What a program needs that may not be here. */
export interface Needs {
  /** Width and kind of processor; undefined for a script. */
  readonly machine: 'i386' | 'x86-64' | 'other' | undefined
  /** Path of the program that has to read it: a shell, or the dynamic loader of its libraries. */
  readonly interpreter: string | undefined
}

/** How much of a program {@link needsOf} wants to see, in bytes. Linkers write what it looks for right behind the header. */
export const LOOKED_AT = 4096

const ELF = [0x7f, 0x45, 0x4c, 0x46]
/** e_machine */
const MACHINES: Readonly<Record<number, Needs['machine']>> = { 3: 'i386', 62: 'x86-64' }
/** p_type of the segment that names the dynamic loader. */
const PT_INTERP = 3

/** Reads the first bytes of a program. What is neither ELF nor a script with `#!` needs nothing that we know of. */
export function needsOf(bytes: Uint8Array): Needs {
  if (bytes[0] === 0x23 && bytes[1] === 0x21) {
    // As the kernel reads it: only blanks, tabs and the line feed end the path, a carriage return is part of it.
    const line = textOf(bytes.subarray(2)).split('\n')[0] ?? ''
    return { machine: undefined, interpreter: line.split(/[ \t]+/).find((word) => word !== '') }
  }
  if (bytes.length < 64 || ELF.some((byte, index) => bytes[index] !== byte)) {
    return { machine: undefined, interpreter: undefined }
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const isWide = bytes[4] === 2
  return { machine: MACHINES[view.getUint16(18, true)] ?? 'other', interpreter: interpreterIn(view, bytes, isWide) }
}

/** The path in the PT_INTERP segment. Offsets above 4 GiB are as good as none: we have only the beginning. */
function interpreterIn(view: DataView, bytes: Uint8Array, isWide: boolean): string | undefined {
  const table = view.getUint32(isWide ? 32 : 28, true)
  const entrySize = view.getUint16(isWide ? 54 : 42, true)
  const count = view.getUint16(isWide ? 56 : 44, true)
  for (let index = 0; index < count; index++) {
    const entry = table + index * entrySize
    if (entry + 40 > bytes.length) return undefined
    if (view.getUint32(entry, true) !== PT_INTERP) continue
    const offset = view.getUint32(entry + (isWide ? 8 : 4), true)
    const length = view.getUint32(entry + (isWide ? 32 : 16), true)
    return textOf(bytes.subarray(offset, offset + length)).split('\0')[0] || undefined
  }
  return undefined
}

/** Paths are bytes to the kernel; those of interpreters are ASCII. */
function textOf(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 255), (byte) => String.fromCharCode(byte)).join('')
}
