import { numberOf } from './network-types.ts'
import { type Findings, quoted } from './problems.ts'
import type { Given } from './schema.ts'
import type { Version1 } from './version1.ts'

type NetworkValues = NonNullable<Version1['network']>['value']

/** What is wrong with settings of network: on any computer, whatever its interfaces are. */
export function checkNetwork(network: NetworkValues | undefined, findings: Findings): void {
  const interfaces = network?.interface?.value ?? []
  const hostIps = network?.host_ip?.value ?? []
  const ranges = network?.range?.value ?? []
  const routers = network?.router?.value ?? []
  checkTwice(interfaces, findings)
  checkTwice(hostIps, findings)
  checkTwice(routers, findings)

  const surplus = interfaces.length === 0 ? undefined : hostIps[interfaces.length]
  if (surplus) {
    const message = `there are more addresses of this computer than interfaces: ${surplus.value} is one too many`
    findings.problem(surplus.place, 'conflict', message, 'Give each interface at most one address.')
  }
  for (const [index, { value, place }] of ranges.entries()) {
    const other = ranges.slice(0, index).find((earlier) => overlap(earlier.value, value))
    if (other === undefined) continue
    const message = `the range overlaps with ${other.value.first},${other.value.last}`
    findings.problem(place, 'conflict', message, 'Give each network one range.')
  }
}

export function checkTwice(list: readonly Given<string>[], findings: Findings): void {
  for (const [index, { value, place }] of list.entries()) {
    if (list.slice(0, index).every((earlier) => earlier.value !== value)) continue
    findings.problem(place, 'conflict', `${quoted(value)} is named twice`, 'Name it once.')
  }
}

type Addresses = Readonly<{ first: string; last: string }>

function overlap(one: Addresses, other: Addresses): boolean {
  return numberOf(one.first) <= numberOf(other.last) && numberOf(other.first) <= numberOf(one.last)
}
