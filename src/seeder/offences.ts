/** What peers do that no sound program does. */
export const offences = {
  message: 'announces a message that is too long',
  unknown: 'sends messages that BitTorrent does not know',
  have: 'claims to have pieces that do not exist',
  bitfield: 'sends a list of pieces of another size',
  piece: 'sends pieces that nobody asked for',
  request: 'asks for bytes that do not exist',
  flood: 'has too many open requests',
} as const

export type Offence = keyof typeof offences
