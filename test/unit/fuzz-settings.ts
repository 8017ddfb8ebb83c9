/** How long fuzzing goes on: short in the suite, as long as wished by `npm run fuzz`. */

export interface FuzzSettings {
  /** Cases for each seed. */
  readonly cases: number
  readonly seeds: readonly number[]
}

/** Milliseconds for a test with real sockets: a busy machine takes its time, and a long run takes what it takes. */
export const patience = process.env.FUZZ_CASES === undefined ? 60_000 : 0

/** The test's own settings, unless FUZZ_CASES and FUZZ_SEED say otherwise. */
export function fuzzSettings(own: FuzzSettings): FuzzSettings {
  const { FUZZ_CASES, FUZZ_SEED } = process.env
  return {
    cases: FUZZ_CASES === undefined ? own.cases : Number(FUZZ_CASES),
    seeds: FUZZ_SEED === undefined ? own.seeds : [Number(FUZZ_SEED)],
  }
}

/** Runs one case; what fails tells the input, so that it can become a test of its own. */
export function tellingCase(bytes: Uint8Array, run: () => void): void {
  const before = Buffer.from(bytes)
  try {
    run()
  } catch (cause) {
    throw new Error(`${(cause as Error).message}, with the input ${before.toString('hex')}`, { cause })
  }
}
