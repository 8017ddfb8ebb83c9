declare module 'bencode' {
  /** What BEP 3 can carry. Text is encoded as UTF-8; keys of dictionaries are sorted. */
  export type Bencodable = string | number | Uint8Array | readonly Bencodable[] | { readonly [key: string]: Bencodable }

  const bencode: {
    encode(value: Bencodable): Uint8Array
    /** Byte strings become Uint8Array. @throws Error when the bytes are no bencoding */
    decode(bytes: Uint8Array): unknown
  }
  export default bencode
}
