import type { ClientConfiguration, ClientOs } from '../../../client/contract.ts'

export const debian: ClientOs = {
  name: 'debian',
  displayName: 'Debian 12 Bookworm',
  bytes: 1000,
  infoHash: '0123456789abcdef0123456789abcdef01234567',
  method: 'kexec',
  initrdBytes: 0,
  signed: true,
  kernel: 'boot/vmlinuz',
  initrds: ['boot/initrd.gz', 'extra.gz'],
  cmdline: 'quiet root=LABEL="a b"',
}

export const tool: ClientOs = {
  name: 'tool',
  displayName: 'Inventory tool',
  bytes: 1000,
  infoHash: '0123456789abcdef0123456789abcdef01234568',
  method: 'program',
  program: 'bin/tool',
  loader: null,
  programBytes: 0,
  args: ['--all', 'two words'],
}

export const windows: ClientOs = {
  name: 'windows',
  displayName: 'Windows 10',
  bytes: 9_000_000_000,
  infoHash: '0123456789abcdef0123456789abcdef01234569',
  method: 'qemu',
  args: ['-m', '2G'],
}

export const configuration: ClientConfiguration = {
  version: 1,
  reportUrl: 'http://192.0.2.1:8000/report',
  timeout: 10,
  defaultOs: 'debian',
  seedTime: 0,
  aria2: { lpd: true, dht: false, pex: true, checkIntegrity: false, logLevel: 'notice' },
  shell: 'open',
  oss: [debian, tool, windows],
  hypervisors: [],
  machines: [],
}
