import { expect, test } from 'vitest'
import { withoutSignature } from '../../../client/build/module-signature.ts'

const code = Buffer.from('\u007fELF the code of a module')

/** As scripts/sign-file writes it: signature, 12 bytes of which the last four are its length, the mark. */
function signed(signature: Buffer, length = signature.length): Buffer {
  const header = Buffer.alloc(12)
  header[2] = 2
  header.writeUInt32BE(length, 8)
  return Buffer.concat([code, signature, header, Buffer.from('~Module signature appended~\n')])
}

test('takes the signature off', () => {
  expect(withoutSignature(signed(Buffer.alloc(681, 7)))).toEqual(code)
})

test('leaves a module without one as it is', () => {
  expect(withoutSignature(code)).toEqual(code)
  expect(withoutSignature(Buffer.alloc(0))).toEqual(Buffer.alloc(0))
})

test('leaves a module alone whose signature would be longer than itself', () => {
  const damaged = signed(Buffer.alloc(8), 0xffffffff)
  expect(withoutSignature(damaged)).toEqual(damaged)
})
