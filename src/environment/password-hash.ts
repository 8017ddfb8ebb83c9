import { scalar, type Type, Wrong } from './schema.ts'

/** crypt(3) by SHA-256 or SHA-512 (`$5$`, `$6$`): rounds, salt, digest in 43 or 86 characters. Machines verify no other kind. */
const SHA_CRYPT =
  /^\$(?:5\$(?:rounds=(\d+)\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{43}|6\$(?:rounds=(\d+)\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86})$/
/** Ten times the usual number: some seconds on the oldest machine. */
const MOST_ROUNDS = 50_000

const HINT = "Make one with: openssl passwd -6. Write it between single quotation marks: '$6$...'."

/** The hash of a password. What was written instead may be the password itself, so it is never repeated in a message. */
export const passwordHash: Type<string> = scalar('the hash of a password', (text) => {
  const hash = text.trim()
  const match = SHA_CRYPT.exec(hash)
  if (match) {
    const rounds = Number(match[1] ?? match[2] ?? 0)
    if (rounds <= MOST_ROUNDS) return hash
    const message = `the hash has ${rounds} rounds, which takes a machine too long`
    return new Wrong(message, `Make one with at most ${MOST_ROUNDS}, or without "rounds=".`)
  }
  if (/^\$[56]\$/.test(hash)) return new Wrong('the hash is not complete', HINT)
  if (/^\$\w+\$/.test(hash)) return new Wrong('the hash is of a kind that machines cannot verify', HINT)
  return new Wrong('the value is not the hash of a password', HINT)
})
