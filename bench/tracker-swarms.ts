/** The info-hashes that `tracker-load.c` asks for: 19 zero bytes and a number. */
export function benchInfoHashes(count: number): string[] {
  return Array.from({ length: count }, (_, number) => number.toString(16).padStart(40, '0'))
}
