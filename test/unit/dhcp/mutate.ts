/** Damages packets in the ways a hostile or broken sender does, always the same for the same seed. */

/** Numbers from 0 to 1 (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

type Damage = (bytes: Uint8Array, below: (limit: number) => number) => Uint8Array

/** Values that stand at the edges of fields. */
const EDGES = [0, 1, 2, 3, 6, 7, 16, 17, 52, 53, 61, 82, 127, 128, 224, 254, 255]

const DAMAGES: Damage[] = [
  function truncate(bytes, below) {
    return bytes.subarray(0, below(bytes.length + 1))
  },
  function flipABit(bytes, below) {
    const at = below(bytes.length)
    bytes[at] = (bytes[at] as number) ^ (1 << below(8))
    return bytes
  },
  function putAnEdge(bytes, below) {
    bytes[below(bytes.length)] = EDGES[below(EDGES.length)] as number
    return bytes
  },
  function putAnEdgeAmongOptions(bytes, below) {
    if (bytes.length > 240) bytes[240 + below(bytes.length - 240)] = EDGES[below(EDGES.length)] as number
    return bytes
  },
  function fillWithNoise(bytes, below) {
    const from = below(bytes.length)
    for (let at = from; at < Math.min(bytes.length, from + below(64)); at++) bytes[at] = below(256)
    return bytes
  },
  function doubleAPart(bytes, below) {
    const from = below(bytes.length)
    const part = bytes.subarray(from, from + below(300))
    return Uint8Array.of(...bytes.subarray(0, from), ...part, ...bytes.subarray(from))
  },
  function insertAnOption(bytes, below) {
    const length = below(256)
    const option = [below(256), length, ...Array.from({ length }, () => below(256))]
    return Uint8Array.of(...bytes.subarray(0, 240), ...option, ...bytes.subarray(240))
  },
  function overload(bytes, below) {
    const fields = Uint8Array.from(bytes)
    for (let at = 44; at < 236; at++) fields[at] = below(256)
    return Uint8Array.of(...fields.subarray(0, 240), 52, 1, below(5), ...fields.subarray(240))
  },
  function setAnAddress(bytes, below) {
    const martians = [
      [172, 30, 0, 1],
      [172, 30, 0, 100],
      [10, 1, 0, 1],
      [224, 0, 0, 1],
      [255, 255, 255, 255],
      [127, 0, 0, 1],
    ]
    if (bytes.length >= 28) bytes.set(martians[below(martians.length)] ?? [], 12 + 4 * below(4))
    return bytes
  },
  function anotherMachine(bytes, below) {
    for (let at = 30; at < 34; at++) bytes[at] = below(256)
    return bytes
  },
]

/** One of the packets with one to four damages. */
export function mutate(packets: readonly Uint8Array[], random: () => number): Uint8Array {
  const below = (limit: number) => Math.floor(random() * limit)
  let bytes = Uint8Array.from(packets[below(packets.length)] ?? [])
  for (let count = 1 + below(4); count > 0 && bytes.length > 0; count--) {
    const damage = DAMAGES[below(DAMAGES.length)] as Damage
    bytes = Uint8Array.from(damage(bytes, below))
  }
  return bytes
}
