/** Orders two Debian versions, deb-version(7): epoch, then runs of non-digits and digits in turn; `~` sorts before the end. */
export function compareVersions(a: string, b: string): number {
  const [epochA, restA] = splitEpoch(a)
  const [epochB, restB] = splitEpoch(b)
  if (epochA !== epochB) return epochA - epochB
  const [upstreamA, revisionA] = splitRevision(restA)
  const [upstreamB, revisionB] = splitRevision(restB)
  return compareParts(upstreamA, upstreamB) || compareParts(revisionA, revisionB)
}

function splitEpoch(version: string): [number, string] {
  const match = /^(\d+):(.*)$/.exec(version)
  return match ? [Number(match[1]), match[2] ?? ''] : [0, version]
}

function splitRevision(version: string): [string, string] {
  const dash = version.lastIndexOf('-')
  return dash < 0 ? [version, '0'] : [version.slice(0, dash), version.slice(dash + 1)]
}

function compareParts(a: string, b: string): number {
  const runsA: string[] = a.match(/\d+|\D+/g) ?? []
  const runsB: string[] = b.match(/\d+|\D+/g) ?? []
  // A part that starts with a digit has an empty run of non-digits before it.
  if (/^\d/.test(a)) runsA.unshift('')
  if (/^\d/.test(b)) runsB.unshift('')
  for (let index = 0; index < Math.max(runsA.length, runsB.length); index++) {
    const left = runsA[index] ?? ''
    const right = runsB[index] ?? ''
    const order = index % 2 === 1 ? Number(left) - Number(right) : compareText(left, right)
    if (order !== 0) return order
  }
  return 0
}

function compareText(a: string, b: string): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const order = weight(a[index]) - weight(b[index])
    if (order !== 0) return order
  }
  return 0
}

/** `~`, then the end, then letters, then everything else. */
function weight(character: string | undefined): number {
  if (character === '~') return -1
  if (character === undefined) return 0
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 256
}
