import type { Configuration } from './configuration.ts'
import { machineRules } from './machines.ts'
import { checkNetwork } from './network-checks.ts'
import type { Oss } from './operating-systems.ts'
import { unknownOs } from './oss-folders.ts'
import { assignPorts } from './ports.ts'
import { type Findings, type Place, quoted } from './problems.ts'
import type { Given } from './schema.ts'
import { checkTrackers } from './tracker-checks.ts'
import type { Version1 } from './version1.ts'

const DEFAULT_LEASE_SECONDS = 12 * 3600

/** How the file's version spells what a message has to name. */
export interface Spelling {
  readonly defaultOs: string
  readonly clientLpd: string
}

export interface Parts {
  readonly directory: string
  readonly values: Version1
  readonly oss: Oss
  readonly spelling: Spelling
  /** Where problems of the file as a whole belong. */
  readonly place: Place
}

/** Fills in the defaults and checks what no single setting can know. The result only holds when nothing was found wrong. */
export function assemble(parts: Parts, findings: Findings): Configuration {
  const { directory, values } = parts
  const boot = values.boot?.value
  const network = values.network?.value
  const client = values.client?.value
  const ports = assignPorts(values, findings)
  const trackerEnabled = values.tracker?.value.enabled?.value ?? true
  warnOfServicesOff(values, findings)
  checkNetwork(network, findings)
  checkTrackers(values.tracker?.value.others?.value ?? [], findings)

  return {
    directory,
    boot: {
      defaultOs: defaultOs(parts, findings),
      timeout: boot?.timeout?.value ?? 30,
      seedTime: boot?.seed_time?.value ?? 30,
      secureBoot: boot?.secure_boot?.value ?? false,
      drivers: boot?.drivers?.value ?? 'common',
    },
    network: {
      interfaces: valuesOf(network?.interface),
      hostIps: valuesOf(network?.host_ip),
      mode: network?.mode?.value ?? 'auto',
      ranges: valuesOf(network?.range),
      lease: network?.lease?.value ?? DEFAULT_LEASE_SECONDS,
      routers: valuesOf(network?.router),
      dns: valuesOf(network?.dns),
      ntp: valuesOf(network?.ntp),
      domain: network?.domain?.value,
      user: network?.user?.value,
    },
    tftp: { enabled: values.tftp?.value.enabled?.value ?? true, port: ports.tftp },
    http: { port: ports.http },
    tracker: {
      enabled: trackerEnabled,
      port: ports.tracker,
      others: valuesOf(values.tracker?.value.others),
    },
    seeder: { port: ports.seeder, lpd: seederLpd(parts, trackerEnabled, findings) },
    client: {
      lpd: client?.lpd?.value ?? false,
      dht: client?.dht?.value ?? false,
      pex: client?.pex?.value ?? true,
      checkIntegrity: client?.check_integrity?.value ?? false,
      logLevel: client?.log_level?.value ?? 'notice',
      debug: client?.debug?.value ?? false,
      shell: client?.shell?.value ?? true,
      shellPassword: client?.shell_password?.value,
    },
    logLevel: values.log_level?.value ?? 'info',
    oss: parts.oss.oss,
    machines: machineRules(values.machines?.value ?? [], parts.oss.offered, valuesOf(network?.host_ip), findings),
    warnings: findings.warnings,
  }
}

function valuesOf<T>(list: Given<readonly Given<T>[]> | undefined): T[] {
  return list?.value.map(({ value }) => value) ?? []
}

function defaultOs({ values, oss, spelling, place }: Parts, findings: Findings): string | undefined {
  const boot = values.boot?.value
  const written = boot?.default
  if (written) {
    if (!oss.folders.includes(written.value)) {
      unknownOs(written.value, written.place, oss.folders, findings)
    } else if (!oss.offered.includes(written.value)) {
      const message = `the menu does not offer ${quoted(written.value)}`
      findings.problem(written.place, 'conflict', message, 'Add it to the menu, or choose another default.')
    }
    return written.value
  }
  const waitsForEver = (boot?.timeout?.value ?? 30) < 0
  if (oss.offered.length > 1 && !waitsForEver) {
    const message = `"${spelling.defaultOs}" is missing: there are several systems and the menu has a countdown`
    const hint = `Add it with one of ${oss.offered.slice(0, 20).join(', ')}, or set timeout: -1 to wait for ever.`
    findings.problem(values.boot?.place ?? place, 'missing-key', message, hint)
  }
  return oss.offered.length === 1 ? oss.offered[0] : undefined
}

/** aria2 asks UDP trackers only when it takes part in the DHT, and Phase-1 knows no certificate authority. */
function isAskedByMachines(url: string, dht: boolean): boolean {
  const protocol = URL.parse(url)?.protocol
  return protocol === 'http:' || (protocol === 'udp:' && dht)
}

/** Without any tracker, nobody would find the seeder unless it announces itself. */
function seederLpd({ values, spelling }: Parts, trackerEnabled: boolean, findings: Findings): boolean {
  const lpd = values.seeder?.value.lpd?.value ?? false
  const tracker = values.tracker?.value.enabled
  const others = valuesOf(values.tracker?.value.others)
  const hasOther = others.some((url) => isAskedByMachines(url, values.client?.value.dht?.value ?? false))
  if (trackerEnabled || hasOther || !tracker) return lpd
  if (!values.client?.value.lpd?.value) {
    findings.problem(
      tracker.place,
      'conflict',
      'without the tracker, machines cannot find each other',
      others.length === 0
        ? `Switch the tracker on, or set ${spelling.clientLpd}: true.`
        : 'Switch the tracker on, or name another one by http:. Machines ask by udp: only with client.dht, never by https:.',
    )
  } else if (!lpd) {
    findings.warning(
      tracker.place,
      'corrected',
      'this host announces its systems by Local Peer Discovery, since there is no tracker',
      'Switch the tracker on: it is faster.',
    )
  }
  return true
}

/** 2018's program asked whether to go on. */
function warnOfServicesOff(values: Version1, findings: Findings): void {
  const mode = values.network?.value.mode
  if (mode?.value === 'off') {
    findings.warning(
      mode.place,
      'service-off',
      'DHCP is switched off',
      'Let another DHCP server name this host as the boot server.',
    )
  }
  const tftp = values.tftp?.value.enabled
  if (tftp?.value === false) {
    findings.warning(
      tftp.place,
      'service-off',
      'TFTP is switched off',
      'Only machines that boot by HTTP will find their files.',
    )
  }
  const tracker = values.tracker?.value.enabled
  if (tracker?.value === false) {
    findings.warning(
      tracker.place,
      'service-off',
      'the tracker is switched off',
      'Machines find each other faster with it.',
    )
  }
}
