// The client's programs are for 32-bit x86. Kernels can be built or started without support for those, and then QEMU runs
// them, so that tests and benches meet the very programs that machines get. Plain JavaScript for Node 20.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** What runs 32-bit programs where the kernel does not: a Debian package, and its program. */
export const emulatorPackage = 'qemu-user-static'
const EMULATOR = '/usr/bin/qemu-i386-static'

const BINFMT = '/proc/sys/fs/binfmt_misc'
const HANDLER = 'boottorrent-i386'

/** Whether this machine runs 32-bit x86 programs, by its kernel or by an emulator that the kernel starts. */
export function runs32Bit() {
  const folder = mkdtempSync(path.join(tmpdir(), 'boottorrent-probe-'))
  try {
    const program = path.join(folder, 'probe')
    writeFileSync(program, smallestProgram(), { mode: 0o755 })
    return spawnSync(program, [], { stdio: 'ignore' }).status === EXIT_STATUS
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Whether it does so without an emulator, which matters to measurements. */
export function runs32BitNatively() {
  return runs32Bit() && !existsSync(path.join(BINFMT, HANDLER))
}

/**
 * Tells the kernel to start 32-bit programs with QEMU, in containers and namespaces too. Lasts until the machine is
 * switched off. Needs root, and the emulator's package.
 */
export function emulate32Bit() {
  if (!existsSync(path.join(BINFMT, 'register'))) {
    spawnSync('mount', ['-t', 'binfmt_misc', 'binfmt_misc', BINFMT], { stdio: 'ignore' })
  }
  // An ELF file of 32 bits, an executable or a shared object, for the 80386. "P" keeps a program's own name (busybox goes
  // by it), "F" opens the emulator now, so that it is found behind chroot.
  const magic = String.raw`\x7fELF\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x03\x00`
  const mask = String.raw`\xff\xff\xff\xff\xff\xfe\xfe\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff`
  try {
    writeFileSync(path.join(BINFMT, 'register'), `:${HANDLER}:M::${magic}:${mask}:${EMULATOR}:PF`)
  } catch (error) {
    throw new Error(`${WITHOUT} QEMU could not be put in its place (${error.message}). ${REMEDY}`)
  }
  if (!runs32Bit()) throw new Error(`${WITHOUT} QEMU in its place does not run them either. ${REMEDY}`)
}

const WITHOUT = 'This kernel does not run 32-bit programs, which the client consists of.'
const REMEDY = 'Start it with "ia32_emulation=on", or use another machine.'

const EXIT_STATUS = 42

/** An ELF file of 32 bits that ends with EXIT_STATUS. */
function smallestProgram() {
  const code = Buffer.from([0x31, 0xc0, 0x40, 0xb3, EXIT_STATUS, 0xcd, 0x80]) // eax = 1 (exit), bl = status, int 0x80
  const headers = 52 + 32
  const base = 0x08048000
  const elf = Buffer.alloc(headers)
  elf.write('\x7fELF\x01\x01\x01', 'latin1')
  elf.writeUInt16LE(2, 16) // executable
  elf.writeUInt16LE(3, 18) // 80386
  elf.writeUInt32LE(1, 20)
  elf.writeUInt32LE(base + headers, 24) // entry
  elf.writeUInt32LE(52, 28) // program headers
  elf.writeUInt16LE(52, 40)
  elf.writeUInt16LE(32, 42)
  elf.writeUInt16LE(1, 44)
  elf.writeUInt32LE(1, 52) // to be loaded
  elf.writeUInt32LE(base, 60)
  elf.writeUInt32LE(base, 64)
  elf.writeUInt32LE(headers + code.length, 68)
  elf.writeUInt32LE(headers + code.length, 72)
  elf.writeUInt32LE(5, 76) // readable and executable
  elf.writeUInt32LE(0x1000, 80)
  return Buffer.concat([elf, code])
}
