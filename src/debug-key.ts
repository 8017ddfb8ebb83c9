/**
 * The key for remote help (`client.debug`): a pair of Ed25519 keys, made once for an environment. The private one stays in
 * `.boottorrent/`, in the format of OpenSSH; machines get the public one.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { writeError } from './write-error.ts'
import { writeWhole } from './write-whole.ts'

const TYPE = 'ssh-ed25519'
const COMMENT = 'boottorrent'

/** Path of the private key of an environment. */
export function debugKeyFile(directory: string): string {
  return path.join(directory, '.boottorrent', 'debug_key')
}

/**
 * The public key as a line of `authorized_keys`. Makes the pair when there is none.
 *
 * @throws {BoottorrentError} FILE or PERMISSION when it can be neither read nor written
 */
export async function debugPublicKey(directory: string): Promise<string> {
  const file = debugKeyFile(directory)
  try {
    return await readFile(`${file}.pub`, 'utf8')
  } catch {
    // The first start with remote help, or somebody has removed it for a new one.
  }
  const { publicKey, privateKey } = makeKeyPair()
  try {
    await mkdir(path.dirname(file), { recursive: true })
    await writeWhole(file, privateKey, 0o600)
    await writeWhole(`${file}.pub`, publicKey)
  } catch (cause) {
    throw writeError(path.dirname(file), cause as NodeJS.ErrnoException)
  }
  return publicKey
}

/** Both as OpenSSH writes them (PROTOCOL.key of its sources). */
export function makeKeyPair(): { readonly publicKey: string; readonly privateKey: string } {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const open = Buffer.from(x, 'base64url')
  const secret = Buffer.from(d, 'base64url')
  const publicBlob = Buffer.concat([field(TYPE), field(open)])

  // The same random number twice tells a reader with a wrong passphrase that it is wrong. Here there is none.
  const check = randomBytes(4)
  const body = [check, check, field(TYPE), field(open), field(Buffer.concat([secret, open])), field(COMMENT)]
  const privateBlob = padded(Buffer.concat(body))
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[field('none'), field('none'), field('')],
    number(1),
    field(publicBlob),
    field(privateBlob),
  ])
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? []
  return {
    publicKey: `${TYPE} ${publicBlob.toString('base64')} ${COMMENT}\n`,
    privateKey: ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n'),
  }
}

/** A string of RFC 4251 §5: its length, then its bytes. */
function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([number(bytes.length), bytes])
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Filled up with 1, 2, 3… to a multiple of eight, as for a cipher with blocks. */
function padded(bytes: Buffer): Buffer {
  const filling = Array.from({ length: (8 - (bytes.length % 8)) % 8 }, (_, index) => index + 1)
  return Buffer.concat([bytes, Buffer.from(filling)])
}
