import { LONGEST_COMMAND_LINE } from '../../client/contract.ts'
import { announceUrl, domainName, hostname, ipv4, leaseTime, mac, range, uuid } from './network-types.ts'
import { passwordHash } from './password-hash.ts'
import { listOf, type MappingType, mapping, type Settings, type ValuesOf } from './schema.ts'
import { line, oneOf, port, wholeNumber, words, yesOrNo } from './types.ts'
import { keysOfSections } from './unknown-keys.ts'

/** 24 days, the longest that timers of 32 bits can wait in milliseconds. */
const LONGEST_WAIT = 2_147_483

export const osName = line('the name of a folder in oss/', 255)
export const timeout = wholeNumber('a whole number of seconds', -LONGEST_WAIT, LONGEST_WAIT)
export const seconds = wholeNumber('a whole number of seconds, 0 or more', 0, LONGEST_WAIT)
export const osList = listOf(osName, { expected: 'a list of folder names in oss/' })
export const interfaceName = line('the name of a network interface like eth0', 255)
export const userName = line('the name of a user of this system', 64)
export const clientLogLevel = oneOf('debug', 'info', 'notice', 'warn', 'error')

const boot = {
  default: {
    type: osName,
    meaning:
      'Folder name of the system that starts when the countdown ends. Needed when `timeout` is 0 or more and there are several systems.',
    default: 'the only system',
    flag: 'default-os',
    summary: 'the system that starts when the countdown ends: a folder in oss/',
    placeholder: 'name',
  },
  timeout: {
    type: timeout,
    meaning: 'Seconds the menu waits. 0 starts the default at once, a negative number waits for ever.',
    default: '30',
    flag: 'timeout',
    summary: 'seconds the menu waits; 0 for none, -1 to wait for ever',
    placeholder: 'seconds',
  },
  seed_time: {
    type: seconds,
    meaning:
      'Seconds a machine goes on giving data to the others before it starts its system, at most: it starts earlier when nobody needs it any more.',
    default: '30',
    flag: 'seed-time',
    summary: 'seconds a machine goes on giving data before it starts its system, at most',
    placeholder: 'seconds',
  },
  menu: {
    type: osList,
    meaning: 'Which systems of oss/ the menu offers, in this order.',
    default: 'all of them, sorted by folder name',
  },
  secure_boot: {
    type: yesOrNo,
    meaning:
      'Boot machines with UEFI (x64) by loaders that Secure Boot accepts. Such a machine starts signed Debian kernels (amd64) by kexec, and everything else that needs no other kernel. The firmware does not tell whether Secure Boot is on.',
    default: 'false',
  },
  drivers: {
    type: oneOf('common', 'all'),
    meaning:
      'Which drivers for network cards every machine loads. With `common`, a machine that boots by iPXE loads the others by itself when its card needs them; PXELINUX and GRUB cannot know that.',
    default: 'common',
  },
} satisfies Settings

/** Commas separate values in one line. Not blanks: names of interfaces may have them. */
const COMMAS = /\s*,\s*/
const addresses = listOf(ipv4, { expected: 'an IPv4 address or a list of them', separator: /[,\s]+/ })

const network = {
  interface: {
    type: listOf(interfaceName, {
      expected: 'the name of a network interface like eth0, or a list of names',
      separator: COMMAS,
    }),
    meaning: 'The network interface to serve, or several. No other one is ever served.',
    default: 'the only sensible one; when there are several, `start` lists them',
    flag: 'interface',
    isRepeatable: true,
    summary: 'the network interface to serve; may be given several times',
    placeholder: 'name',
  },
  host_ip: {
    type: addresses,
    meaning: 'IPv4 address of this computer as the machines see it, at most one for each interface.',
    default: "the interface's own",
    flag: 'host-ip',
    isRepeatable: true,
    summary: 'IPv4 address of this computer as the machines see it',
    placeholder: 'address',
  },
  mode: {
    type: oneOf('auto', 'proxy', 'dhcp', 'off'),
    meaning:
      '`dhcp` gives addresses and boot information, and refuses to start beside another DHCP server. `proxy` gives boot information only, beside a DHCP server that is there already. `auto` looks whether there is one and chooses. `off` leaves both to another server.',
    default: 'auto',
    flag: 'mode',
    summary: 'auto, proxy (beside another DHCP server), dhcp or off',
    placeholder: 'mode',
  },
  range: {
    type: listOf(range, { expected: 'a range of addresses like 192.168.1.50,192.168.1.150, or a list of ranges' }),
    meaning:
      'The addresses to give away: `first,last`; one range for each network, which is where they lie. `first,last,netmask` for a network behind a relay agent.',
    default: "the free part of the interface's network",
    flag: 'range',
    isRepeatable: true,
    summary: 'the addresses to give away; may be given for several networks',
    placeholder: 'first,last',
  },
  lease: {
    type: leaseTime,
    meaning: 'How long an address is given away for: seconds, or a number with s, m, h, d or w, or `infinite`.',
    default: '12h',
    flag: 'lease',
    summary: 'how long an address is given away for: 12h, 30m, infinite',
    placeholder: 'time',
  },
  router: {
    type: addresses,
    meaning: 'Default gateway that the machines are told; of several, the one in their own network.',
    default: 'none',
    flag: 'router',
    isRepeatable: true,
    summary: 'default gateway that the machines are told',
    placeholder: 'address',
  },
  dns: {
    type: addresses,
    meaning: 'Name servers that the machines are told.',
    default: 'none',
    flag: 'dns',
    summary: 'name servers that the machines are told, separated by commas',
    placeholder: 'addresses',
  },
  ntp: { type: addresses, meaning: 'Time servers that the machines are told.', default: 'none' },
  domain: { type: domainName, meaning: 'Domain that the machines are told to be in.', default: 'none' },
  user: {
    type: userName,
    meaning: 'User to become once the ports below 1024 are bound.',
    default: 'stay the user who started it',
    flag: 'user',
    summary: 'user to become once the ports below 1024 are bound',
    placeholder: 'name',
  },
} satisfies Settings

const tftp = {
  enabled: { type: yesOrNo, meaning: 'Serve boot files by TFTP. Most firmware needs it.', default: 'true' },
  port: {
    type: port,
    meaning: 'UDP port. Firmware knows no other than 69.',
    default: '69',
    flag: 'tftp-port',
    summary: 'UDP port of TFTP; firmware knows no other than 69',
    placeholder: 'port',
  },
} satisfies Settings

const http = {
  port: {
    type: port,
    meaning: 'TCP port for boot files and for the reports of the machines.',
    default: '8000',
    flag: 'http-port',
    summary: 'TCP port for boot files and reports',
    placeholder: 'port',
  },
} satisfies Settings

const tracker = {
  enabled: {
    type: yesOrNo,
    meaning: 'Run the tracker, by which machines find each other. Without it they need `others` or `lpd`.',
    default: 'true',
  },
  port: {
    type: port,
    meaning: 'Port, TCP and UDP.',
    default: '10001',
    flag: 'tracker-port',
    summary: 'port of the tracker, TCP and UDP',
    placeholder: 'port',
  },
  others: {
    type: listOf(announceUrl, { expected: 'the announce URL of a tracker, or a list of them' }),
    meaning:
      'Announce URLs of other trackers. Machines ask them when ours does not answer, and this computer announces its systems there too. Machines ask by `udp:` only with `client.dht`, and not by `https:`, for they know no certificate authority; names want `network.dns`.',
    default: 'none',
  },
} satisfies Settings

const seeder = {
  port: {
    type: port,
    meaning: 'TCP port from which this computer gives the systems.',
    default: '6881',
    flag: 'seeder-port',
    summary: 'TCP port from which this computer gives the systems',
    placeholder: 'port',
  },
  lpd: { type: yesOrNo, meaning: 'Announce the systems by Local Peer Discovery too (multicast).', default: 'false' },
} satisfies Settings

const client = {
  lpd: { type: yesOrNo, meaning: 'Machines look for each other by Local Peer Discovery too.', default: 'false' },
  dht: { type: yesOrNo, meaning: 'Machines take part in the DHT.', default: 'false' },
  pex: { type: yesOrNo, meaning: 'Machines tell each other about more peers (Peer Exchange).', default: 'true' },
  check_integrity: {
    type: yesOrNo,
    meaning:
      'Machines verify what lies in their memory already before they download. Every piece is verified on arrival, and what an earlier try left is verified anyway.',
    default: 'false',
  },
  log_level: { type: clientLogLevel, meaning: "How much the machines' downloader logs.", default: 'notice' },
  shell: {
    type: yesOrNo,
    meaning: 'Whether the menu offers a shell of Phase-1 on the consoles of a machine.',
    default: 'true',
  },
  debug: {
    type: yesOrNo,
    meaning:
      'Remote help: machines run an SSH server for the key `.boottorrent/debug_key` of the environment; see [troubleshooting.md](troubleshooting.md#help-from-afar).',
    default: 'false',
  },
  shell_password: {
    type: passwordHash,
    meaning:
      'Hash of a password that such a shell asks for, as `openssl passwd -6` prints it. Put it between single quotation marks. What it guards and what not: [security.md](security.md#shells-of-phase-1).',
    default: 'none is asked',
  },
} satisfies Settings

const machine = {
  mac: { type: mac, meaning: 'Applies to the machine with this MAC address.' },
  uuid: { type: uuid, meaning: 'Applies to the machine whose firmware has this UUID.' },
  architecture: {
    type: oneOf('bios', 'uefi-ia32', 'uefi-x64', 'uefi-arm64'),
    meaning: 'Applies to all machines with this firmware.',
  },
  hostname: { type: hostname, meaning: 'Host name that the machine is given.', default: 'none' },
  address: { type: ipv4, meaning: 'IPv4 address that this machine always gets.', default: 'one of `network.range`' },
  default: {
    type: osName,
    meaning: 'Its own default system.',
    default: '`boot.default`',
  },
  timeout: {
    type: timeout,
    meaning: 'Its own menu countdown.',
    default: '`boot.timeout`',
  },
  secure_boot: {
    type: yesOrNo,
    meaning: 'Whether it boots by loaders that Secure Boot accepts.',
    default: '`boot.secure_boot`',
  },
  loader: {
    type: oneOf('ipxe', 'pxelinux'),
    meaning: 'Boot loader of a machine with BIOS: `pxelinux` for one on which iPXE fails.',
    default: 'ipxe',
  },
  cmdline: {
    type: words('words for the kernel command line', LONGEST_COMMAND_LINE),
    meaning: 'Words added to the kernel command line of any system. `{{mac}}` and so on as in `cmdline` of a system.',
    default: 'none',
  },
} satisfies Settings

/** What the sections of version 0 are called now. */
const sectionsOfVersion0 = new Map([
  ['dnsmasq', 'In version 1 this is network: and tftp:.'],
  ['hefur', 'In version 1 this is tracker:.'],
  ['opentracker', 'In version 1 this is tracker:.'],
  ['transmission', 'In version 1 this is seeder:.'],
  ['aria2', 'In version 1 this is client:.'],
])

const sections: Readonly<Record<string, Settings>> = { boot, network, tftp, http, tracker, seeder, client }

function section<S extends Settings>(name: string, settings: S): MappingType<S> {
  return mapping(settings, { name: `${name}:`, elsewhere: keysOfSections(sections, name) })
}

const versionSetting = wholeNumber('the version of the format', 0, 1)

export const version1 = mapping(
  {
    version: { type: versionSetting, meaning: 'Version of this format: 1.', default: 'required' },
    boottorrent: {
      type: mapping(
        { version: { type: versionSetting, meaning: 'Version of this format: 1.' } },
        { name: 'boottorrent: (in version 1)', elsewhere: keysOfSections(sections) },
      ),
      meaning: 'May hold `version: 1` too, where version 0 has it.',
    },
    boot: { type: section('boot', boot), meaning: 'What the menu offers and when it decides by itself.' },
    network: { type: section('network', network), meaning: 'Whom to serve, and the addresses.' },
    tftp: { type: section('tftp', tftp), meaning: 'The TFTP server.' },
    http: { type: section('http', http), meaning: 'The HTTP server.' },
    tracker: { type: section('tracker', tracker), meaning: 'The BitTorrent tracker.' },
    seeder: { type: section('seeder', seeder), meaning: 'The seeder on this computer.' },
    client: { type: section('client', client), meaning: 'How the machines download.' },
    log_level: {
      type: oneOf('debug', 'info', 'warn', 'error'),
      meaning: 'How much `start` prints.',
      default: 'info',
      flag: 'log-level',
      summary: 'how much is printed: debug, info, warn or error',
      placeholder: 'level',
    },
    machines: {
      type: listOf(mapping(machine, { name: 'a rule of machines:', oneOf: ['mac', 'uuid', 'architecture'] }), {
        expected: 'a list of rules, each beginning with "-"',
      }),
      meaning:
        'Rules for some machines. The first that fits a machine applies. Each says with one of `mac`, `uuid` or `architecture` whom it is for.',
      default: 'no rules',
    },
  },
  { elsewhere: new Map([...keysOfSections(sections), ...sectionsOfVersion0]) },
)

/** The settings of one rule in machines:. */
export const machineSettings = machine

export type Version1 = ValuesOf<typeof version1.settings>
export type MachineValues = ValuesOf<typeof machine>
