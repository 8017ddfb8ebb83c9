/** What a person types to mend something, in the words of each system. */

export interface Hints {
  /** `sudo boottorrent start`, or what takes its place. @param command as `boottorrent start` */
  asRoot(command: string): string
  /** What is typed, so that the shell takes it for one word. */
  shellWord(text: string): string
  /** What to do when ports below 1024 may not be bound. @param lowest the lowest of them */
  bindLowPorts(lowest: number): string
  readonly listAddresses: string
  readonly listPorts: string
  /** The same, in a way that shows the programs of all users. */
  readonly listHolders: string
  addAddress(address: string, prefix: number, interfaceName: string): string
  switchOn(interfaceName: string): string
  /** How the firewall lets in these ports; undefined where it is looked at, and then told exactly. */
  readonly openPorts: ((ports: Ports) => string) | undefined
}

export interface Ports {
  readonly udp: readonly number[]
  readonly tcp: readonly number[]
}

/** As sh(1) has it: nothing is special between single quotes but the quote itself. */
function posixWord(text: string): string {
  return /^[\w./:@%+=~-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

const linux: Hints = {
  asRoot: (command) => `sudo ${command}`,
  shellWord: posixWord,
  bindLowPorts: (lowest) =>
    'Run it as root (sudo boottorrent start), let every user bind it ' +
    `(sudo sysctl net.ipv4.ip_unprivileged_port_start=${lowest}), ` +
    'or, as a service, with AmbientCapabilities=CAP_NET_BIND_SERVICE.',
  listAddresses: 'ip address',
  listPorts: '"ss -lnptu"',
  listHolders: '"ss -lnptu", run as root,',
  addAddress: (address, prefix, name) => `ip address add ${address}/${prefix} dev ${name}`,
  switchOn: (name) => `ip link set ${name} up`,
  openPorts: undefined,
}

/** ifconfig(8), lsof(8); every user may bind a low port on all addresses, and only root on one of them. */
const macos: Hints = {
  asRoot: (command) => `sudo ${command}`,
  shellWord: posixWord,
  bindLowPorts: () => 'Run it as root: sudo boottorrent start',
  listAddresses: 'ifconfig',
  listPorts: '"lsof -nP -iTCP -iUDP"',
  listHolders: '"lsof -nP -iTCP -iUDP", run as root,',
  addAddress: (address, prefix, name) => `sudo ifconfig ${name} inet ${address}/${prefix} alias`,
  switchOn: (name) => `sudo ifconfig ${name} up`,
  openPorts: () =>
    'If machines get no answer: System Settings, Network, Firewall, Options: let node accept incoming connections.',
}

/** netsh and netstat of Windows' command reference. Low ports need no right there; the firewall and addresses do. */
const windows: Hints = {
  asRoot: (command) => `${command}, in a terminal that was opened with "Run as administrator"`,
  // A name there cannot contain quotation marks.
  shellWord: (text) => (/^[\w./:\\@%+=~-]+$/.test(text) ? text : `"${text}"`),
  bindLowPorts: () => 'Run it in a terminal that was opened with "Run as administrator".',
  listAddresses: 'ipconfig',
  listPorts: '"netstat -ano"',
  listHolders: '"netstat -ano"',
  addAddress: (address, prefix, name) =>
    `netsh interface ipv4 add address name="${name}" address=${address} mask=${netmaskOf(prefix)}`,
  switchOn: (name) => `netsh interface set interface name="${name}" admin=enabled`,
  openPorts: ({ udp, tcp }) => {
    const rules = Object.entries({ UDP: udp, TCP: tcp }).filter(([, ports]) => ports.length > 0)
    const commands = rules.map(
      ([protocol, ports]) =>
        `netsh advfirewall firewall add rule name=boottorrent dir=in action=allow protocol=${protocol} localport=${ports.join(',')}`,
    )
    return `If machines get no answer, as administrator: ${commands.join(' and ')}`
  },
}

export function hintsFor(name: NodeJS.Platform): Hints {
  if (name === 'win32') return windows
  return name === 'darwin' ? macos : linux
}

/** 24 → `255.255.255.0` */
function netmaskOf(prefix: number): string {
  const bits = '1'.repeat(prefix).padEnd(32, '0')
  return (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)).join('.')
}
