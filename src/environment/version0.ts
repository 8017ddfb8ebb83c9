import { dnsmasqRange, ipv4 } from './network-types.ts'
import { type MappingType, mapping, type Settings, type ValuesOf } from './schema.ts'
import { anything, port, wholeNumber, yesOrNo } from './types.ts'
import { keysOfSections } from './unknown-keys.ts'
import { clientLogLevel, interfaceName, osList, osName, seconds, timeout, userName } from './version1.ts'

const boottorrent = {
  version: {
    type: wholeNumber('the version of the format', 0, 0),
    meaning: 'Version of this format: 0.',
    default: 'required',
  },
  timeout: { type: timeout, meaning: '`boot.timeout`', default: '30' },
  default_os: { type: osName, meaning: '`boot.default`' },
  display_oss: { type: osList, meaning: '`boot.menu`' },
  seed_time: { type: seconds, meaning: '`boot.seed_time`', default: '30' },
  host_ip: { type: ipv4, meaning: '`network.host_ip`' },
} satisfies Settings

const dnsmasq = {
  enable_dhcp: {
    type: yesOrNo,
    meaning:
      '`network.mode`: false is `off`; true is `dhcp` with a range, `proxy` with a range that says so, `auto` without one',
    default: 'true',
  },
  enable_tftp: { type: yesOrNo, meaning: '`tftp.enabled`', default: 'true' },
  interface: { type: interfaceName, meaning: '`network.interface`' },
  bind_interfaces: { type: yesOrNo, meaning: 'No effect: no other interface is ever served', default: 'true' },
  dhcp_range: { type: dnsmasqRange, meaning: '`network.range` and `network.lease`, or `network.mode: proxy`' },
  user: { type: userName, meaning: '`network.user`' },
} satisfies Settings

const tracker = {
  enable: { type: yesOrNo, meaning: '`tracker.enabled`', default: 'true' },
  port: { type: port, meaning: '`tracker.port`', default: '10001' },
} satisfies Settings

const transmission = {
  rpc_port: { type: anything, meaning: 'No effect' },
  dht_enabled: { type: anything, meaning: 'No effect' },
  lpd_enabled: { type: yesOrNo, meaning: '`seeder.lpd`', default: 'false' },
} satisfies Settings

const aria2 = {
  bt_enable_lpd: { type: yesOrNo, meaning: '`client.lpd`', default: 'false' },
  enable_dht: { type: yesOrNo, meaning: '`client.dht`', default: 'false' },
  enable_dht6: { type: anything, meaning: 'No effect' },
  check_integrity: { type: yesOrNo, meaning: '`client.check_integrity`', default: 'false' },
  enable_peer_exchange: { type: yesOrNo, meaning: '`client.pex`', default: 'true' },
  console_log_level: { type: clientLogLevel, meaning: '`client.log_level` and `log_level`', default: 'notice' },
} satisfies Settings

const sections = { boottorrent, dnsmasq, opentracker: tracker, transmission, aria2 }

// 2018's program read its files with PyYAML, which let the last of several equal keys win.
const duplicates = 'last wins'

function section<S extends Settings>(name: string, settings: S): MappingType<S> {
  return mapping(settings, { name: `${name}:`, duplicates, elsewhere: keysOfSections(sections, name) })
}

export const version0 = mapping(
  {
    version: { type: wholeNumber('the version of the format', 0, 0), meaning: 'May stand here too.' },
    boottorrent: { type: section('boottorrent', boottorrent), meaning: 'The menu, and this host.' },
    dnsmasq: { type: section('dnsmasq', dnsmasq), meaning: 'DHCP and TFTP.' },
    hefur: { type: section('hefur', tracker), meaning: 'The tracker.' },
    opentracker: { type: section('opentracker', tracker), meaning: 'The tracker, by its later name.' },
    transmission: { type: section('transmission', transmission), meaning: 'The seeder on the host.' },
    aria2: { type: section('aria2', aria2), meaning: 'The download on the machines.' },
  },
  { duplicates, elsewhere: keysOfSections(sections) },
)

export type Version0 = ValuesOf<typeof version0.settings>
