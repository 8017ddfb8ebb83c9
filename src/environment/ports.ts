import type { Findings } from './problems.ts'
import type { Given } from './schema.ts'
import type { Version1 } from './version1.ts'

export interface Ports {
  readonly tftp: number
  readonly http: number
  readonly tracker: number
  readonly seeder: number
}

const defaults: Ports = { tftp: 69, http: 8000, tracker: 10_001, seeder: 6881 }
/** DHCP (RFC 2131) and PXE's boot server discovery. */
const DHCP_PORTS = [67, 4011]

interface Service {
  readonly name: keyof Ports
  readonly protocols: readonly ('tcp' | 'udp')[]
  readonly given: Given<number> | undefined
  readonly enabled: boolean
}

/**
 * The port of every service. Two that the user put on one port are a problem; a default gives way to what the user chose,
 * except TFTP's, for firmware knows no other.
 */
export function assignPorts(values: Version1, findings: Findings): Ports {
  const tftp = values.tftp?.value
  const tracker = values.tracker?.value
  const services: Service[] = [
    { name: 'tftp', protocols: ['udp'], given: tftp?.port, enabled: tftp?.enabled?.value ?? true },
    { name: 'http', protocols: ['tcp'], given: values.http?.value.port, enabled: true },
    { name: 'tracker', protocols: ['tcp', 'udp'], given: tracker?.port, enabled: tracker?.enabled?.value ?? true },
    { name: 'seeder', protocols: ['tcp'], given: values.seeder?.value.port, enabled: true },
  ]
  const holders = new Map<string, string>(DHCP_PORTS.map((port) => [`udp ${port}`, 'DHCP']))
  const ports: { -readonly [name in keyof Ports]: number } = { ...defaults }
  const take = ({ name, protocols, enabled }: Service, port: number) => {
    ports[name] = port
    if (enabled) for (const protocol of protocols) holders.set(`${protocol} ${port}`, name)
  }
  const holderOf = ({ protocols, enabled }: Service, port: number) =>
    enabled ? protocols.map((protocol) => holders.get(`${protocol} ${port}`)).find(Boolean) : undefined

  for (const service of services) {
    if (service.name === 'tftp' && !service.given) take(service, defaults.tftp)
    if (!service.given) continue
    const { value, place } = service.given
    const holder = holderOf(service, value)
    if (holder === undefined) take(service, value)
    else
      findings.problem(
        place,
        'conflict',
        `port ${value} is for ${holder} already`,
        `Give ${service.name} another port.`,
      )
  }
  for (const service of services) {
    if (service.given || service.name === 'tftp') continue
    let port = defaults[service.name]
    while (holderOf(service, port) !== undefined) port++
    take(service, port)
  }
  return ports
}
