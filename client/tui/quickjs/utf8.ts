/** UTF-8 for QuickJS, which has neither TextEncoder nor TextDecoder. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), continuation(code))
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), continuation(code >> 6), continuation(code))
    else bytes.push(0xf0 | (code >> 18), continuation(code >> 12), continuation(code >> 6), continuation(code))
  }
  return new Uint8Array(bytes)
}

/** What is not UTF-8 becomes U+FFFD, one for each byte. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = ''
  let position = 0
  while (position < bytes.length) {
    const [code, length] = decodeOne(bytes, position)
    text += String.fromCodePoint(code)
    position += length
  }
  return text
}

const REPLACEMENT = 0xfffd

function continuation(bits: number): number {
  return 0x80 | (bits & 0x3f)
}

function decodeOne(bytes: Uint8Array, position: number): [code: number, length: number] {
  const first = bytes[position] ?? 0
  if (first < 0x80) return [first, 1]
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  if (first < 0xc2 || first > 0xf4 || position + length > bytes.length) return [REPLACEMENT, 1]
  let code = first & (0xff >> (length + 1))
  for (let offset = 1; offset < length; offset++) {
    const next = bytes[position + offset] ?? 0
    if ((next & 0xc0) !== 0x80) return [REPLACEMENT, 1]
    code = (code << 6) | (next & 0x3f)
  }
  const smallest = length === 2 ? 0x80 : length === 3 ? 0x800 : 0x10000
  const isSurrogate = code >= 0xd800 && code <= 0xdfff
  return code < smallest || code > 0x10ffff || isSurrogate ? [REPLACEMENT, 1] : [code, length]
}
