/**
 * Why `apt-get update` failed, as far as it decides what to do: a mirror in the middle of a change has a suite wrong, and
 * that one suite can be left out; a network that fails or a lock says nothing about any suite.
 */

/** What apt says of an index that the mirror has and that is wrong, or that it should have and has not. */
const WRONG_INDEX =
  /Hash Sum mismatch|unexpected size|Mirror sync in progress|does not have a Release file|no longer has a Release file|\s404\s|File not found|is (expired|not valid yet)|Splitting up .* failed/

/** The sum of what was said before: not a reason of its own. */
const SUM = /^E: Some index files failed to download/

/**
 * The suites among `optional` that are wrong on the mirror; none when anything else has gone wrong too.
 *
 * @param said what `apt-get update` said on standard error, in English
 */
export function brokenSuites(said: string, optional: readonly string[]): string[] {
  const reasons = reasonsOf(said)
  const broken = reasons.map((reason) =>
    WRONG_INDEX.test(reason) ? optional.find((suite) => isAbout(reason, suite)) : undefined,
  )
  const known = broken.filter((suite) => suite !== undefined)
  return known.length < reasons.length ? [] : [...new Set(known)]
}

/** The first reason, as one line for a person. */
export function firstReason(said: string): string {
  return reasonsOf(said)[0]?.replace(/^[EW]: /, '') ?? 'apt-get does not say why'
}

/** Errors, and warnings of the same weight. */
function reasonsOf(said: string): string[] {
  const lines = said.split('\n').filter((line) => /^(E: |W: Failed to fetch|W: The repository)/.test(line))
  return lines.filter((line) => !SUM.test(line))
}

/** apt names a suite in the address of its index (`…/dists/<suite>/…`) or of its repository (`'<address> <suite> Release'`). */
function isAbout(reason: string, suite: string): boolean {
  return reason.includes(`/dists/${suite}/`) || reason.includes(` ${suite} Release'`)
}
