/**
 * Whether a kernel may be started from Phase-1 under Secure Boot: that one is Debian's, and takes 64-bit kernels that Debian
 * has signed. Only the signature's owner is read here; it is the machine that verifies it.
 */
import { open } from 'node:fs/promises'

/** `Machine` of the COFF header (PE format, 3.3.1). */
const AMD64 = 0x8664
/** `Magic` of the optional header of a 64-bit image. */
const PE32_PLUS = 0x20b
/** From the PE signature on: COFF header, then the optional header, whose fifth data directory is the certificate table. */
const OPTIONAL_HEADER = 24
const CERTIFICATE_TABLE = OPTIONAL_HEADER + 112 + 4 * 8
const HEADERS_BYTES = CERTIFICATE_TABLE + 8
/** Debian's is 2 kB. */
const LONGEST_TABLE = 64 * 1024
/** What the certificates of its signers are called. */
const OWNER = 'Debian Secure Boot'

/** @throws an error of the system when the file cannot be read */
export async function isSignedByDebian(file: string): Promise<boolean> {
  await using opened = await open(file)
  const bytes = async (position: number, length: number) => {
    const { buffer, bytesRead } = await opened.read(Buffer.alloc(length), 0, length, position)
    return buffer.subarray(0, bytesRead)
  }
  const start = await bytes(0, 64)
  if (start.length < 64 || start.toString('latin1', 0, 2) !== 'MZ') return false
  const headers = await bytes(start.readUInt32LE(0x3c), HEADERS_BYTES)
  if (headers.length < HEADERS_BYTES || headers.toString('latin1', 0, 4) !== 'PE\0\0') return false
  if (headers.readUInt16LE(4) !== AMD64 || headers.readUInt16LE(OPTIONAL_HEADER) !== PE32_PLUS) return false
  // The one directory entry that is a position in the file and not in memory.
  const position = headers.readUInt32LE(CERTIFICATE_TABLE)
  const length = headers.readUInt32LE(CERTIFICATE_TABLE + 4)
  if (position === 0 || length === 0 || length > LONGEST_TABLE) return false
  return (await bytes(position, length)).includes(OWNER)
}
