import { checkTwice } from './network-checks.ts'
import { type Findings, quoted } from './problems.ts'
import type { Given } from './schema.ts'

/** What is wrong with the trackers that are named beside ours. */
export function checkTrackers(others: readonly Given<string>[], findings: Findings): void {
  checkTwice(others, findings)
  for (const { value, place } of others) {
    if (!isLoopback(URL.parse(value)?.hostname ?? '')) continue
    const message = `${quoted(value)} is an address of the computer itself, so each machine would ask itself`
    findings.warning(place, 'no-effect', message, 'Write the address that the tracker has on the network.')
  }
}

function isLoopback(hostname: string): boolean {
  // Of udp: nothing is normalised.
  return /^127(\.\d+){3}$/.test(hostname) || /^localhost\.?$/i.test(hostname)
}
