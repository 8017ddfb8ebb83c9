import type { Findings, Place } from './problems.ts'
import { wholeFile } from './problems.ts'
import type { Given } from './schema.ts'
import type { Version0 } from './version0.ts'
import type { Version1 } from './version1.ts'

/**
 * Says the same in version 1. Every value keeps its place in the user's file. Settings that have lost their effect are
 * reported as warnings.
 */
export function fromVersion0(old: Version0, file: string, findings: Findings): Version1 {
  const boottorrent = old.boottorrent?.value
  const dnsmasq = old.dnsmasq?.value
  const tracker = trackerOf(old, findings)
  const transmission = old.transmission?.value
  const aria2 = old.aria2?.value
  warnOfLostEffects(old, findings)

  const place = wholeFile(file)
  const range = dnsmasq?.dhcp_range
  return {
    version: old.version,
    boottorrent: undefined,
    boot: given(old.boottorrent?.place ?? place, {
      default: boottorrent?.default_os,
      timeout: boottorrent?.timeout,
      seed_time: boottorrent?.seed_time,
      menu: boottorrent?.display_oss,
      secure_boot: undefined,
      drivers: undefined,
    }),
    network: given(place, {
      interface: alone(dnsmasq?.interface),
      host_ip: alone(boottorrent?.host_ip),
      mode: modeOf(dnsmasq?.enable_dhcp, range),
      range: range?.value.kind === 'pool' ? alone(given(range.place, range.value.range)) : undefined,
      lease:
        range?.value.kind === 'pool' && range.value.lease !== undefined
          ? given(range.place, range.value.lease)
          : undefined,
      router: undefined,
      dns: undefined,
      ntp: undefined,
      domain: undefined,
      user: dnsmasq?.user,
    }),
    tftp: given(place, { enabled: dnsmasq?.enable_tftp, port: undefined }),
    http: undefined,
    tracker: given(place, { enabled: tracker?.enable, port: tracker?.port, others: undefined }),
    seeder: given(place, { port: undefined, lpd: transmission?.lpd_enabled }),
    client: given(place, {
      lpd: aria2?.bt_enable_lpd,
      dht: aria2?.enable_dht,
      pex: aria2?.enable_peer_exchange,
      check_integrity: aria2?.check_integrity,
      log_level: aria2?.console_log_level,
      debug: undefined,
      shell: undefined,
      shell_password: undefined,
    }),
    log_level: hostLogLevel(aria2?.console_log_level),
    machines: undefined,
  }
}

type DnsmasqValues = NonNullable<Version0['dnsmasq']>['value']
type Aria2Values = NonNullable<Version0['aria2']>['value']

function modeOf(
  enabled: DnsmasqValues['enable_dhcp'],
  range: DnsmasqValues['dhcp_range'],
): Given<'auto' | 'proxy' | 'dhcp' | 'off'> | undefined {
  if (enabled?.value === false) return given(enabled.place, 'off')
  if (!range) return undefined
  return given(range.place, range.value.kind === 'proxy' ? 'proxy' : 'dhcp')
}

/** hefur was replaced by opentracker during 2018. A file that has both is somewhere in between: the later name counts. */
function trackerOf(old: Version0, findings: Findings) {
  if (old.hefur && old.opentracker) {
    findings.warning(old.hefur.place, 'no-effect', 'hefur: has no effect beside opentracker:', 'Remove hefur:.')
  }
  return (old.opentracker ?? old.hefur)?.value
}

function hostLogLevel(level: Aria2Values['console_log_level']): Version1['log_level'] {
  return level && given(level.place, level.value === 'notice' ? 'info' : level.value)
}

function warnOfLostEffects(old: Version0, findings: Findings): void {
  const transmission = old.transmission?.value
  const lost: [string, Given<unknown> | undefined][] = [
    ['transmission.rpc_port', transmission?.rpc_port],
    ['transmission.dht_enabled', transmission?.dht_enabled],
    ['aria2.enable_dht6', old.aria2?.value.enable_dht6],
  ]
  for (const [name, setting] of lost) {
    if (setting) findings.warning(setting.place, 'no-effect', `${name} has no effect any more`, 'Remove the line.')
  }
  const bind = old.dnsmasq?.value.bind_interfaces
  if (bind?.value === false) {
    findings.warning(bind.place, 'no-effect', 'only the given interface is ever served', 'Remove the line.')
  }
}

/** What version 1 may have several of. */
function alone<T>(one: Given<T> | undefined): Given<readonly Given<T>[]> | undefined {
  return one && given(one.place, [one])
}

function given<T>(place: Place, value: T): Given<T> {
  return { place, value }
}
