/** The signature behind a kernel module (Linux, include/linux/module_signature.h and scripts/sign-file.c). */

const MARK = Buffer.from('~Module signature appended~\n')
/** `struct module_signature`: eight bytes of types and lengths, then the length of the signature, big-endian. */
const HEADER_BYTES = 12

/** The module without its signature; the module itself when it has none. */
export function withoutSignature(module: Buffer): Buffer {
  const headerEnd = module.length - MARK.length
  if (headerEnd < HEADER_BYTES || !module.subarray(headerEnd).equals(MARK)) return module
  const headerStart = headerEnd - HEADER_BYTES
  const signatureBytes = module.readUInt32BE(headerEnd - 4)
  if (signatureBytes > headerStart) return module
  return module.subarray(0, headerStart - signatureBytes)
}
