import type { Identity } from './state.ts'
import type { System } from './system.ts'

/** What the TUI's surroundings decide: /init by environment variables, tests likewise. */
export interface Settings {
  readonly identity: Identity
  /** Paths of the terminals to show everything on. */
  readonly consoles: readonly string[]
  readonly configurationFile: string
  /** Folder of the `.torrent` files. */
  readonly torrents: string
  /** Folder of the `.torrent` files of hypervisors. */
  readonly hypervisorTorrents: string
  /** Folder that the systems are downloaded to. */
  readonly downloads: string
  /** Folder that hypervisors are downloaded to. */
  readonly hypervisors: string
  /** What QEMU said when it had a console to itself. */
  readonly qemuLog: string
  readonly aria2: string
  readonly aria2Log: string
  /** The program that replaces this system by another one. */
  readonly kexec: string
  /** A shell, as far as the environment lets people have one. */
  readonly shell: string
  /** Called with `restart` or `off`. */
  readonly power: string
  /** Secure Boot is on: this kernel starts signed kernels only. */
  readonly isLockedDown: boolean
}

export function readSettings(system: System): Settings {
  const value = (name: string, usual: string) => system.env(name) || usual
  return {
    identity: {
      mac: value('BT_MAC', '00:00:00:00:00:00'),
      ip: value('BT_IP', ''),
      hostname: value('BT_HOSTNAME', ''),
      server: value('BT_SERVER', '').replace(/\/+$/, ''),
    },
    consoles: value('BT_CONSOLES', '/dev/console').split(/\s+/).filter(Boolean),
    configurationFile: value('BT_CONFIG', '/boottorrent/config.json'),
    torrents: value('BT_TORRENTS', '/boottorrent/torrents'),
    hypervisorTorrents: value('BT_HYPERVISOR_TORRENTS', '/boottorrent/hypervisors'),
    hypervisors: value('BT_HYPERVISORS', '/run/boottorrent/hypervisor'),
    qemuLog: value('BT_QEMU_LOG', '/run/boottorrent/hypervisor.state/qemu.log'),
    downloads: value('BT_DOWNLOADS', '/run/boottorrent/oss'),
    aria2: value('BT_ARIA2C', '/bin/aria2c'),
    aria2Log: value('BT_ARIA2_LOG', '/run/boottorrent/aria2.log'),
    kexec: value('BT_KEXEC', '/sbin/boottorrent-kexec'),
    shell: value('BT_SHELL', '/sbin/boottorrent-shell'),
    power: value('BT_POWER', '/sbin/boottorrent-power'),
    isLockedDown: value('BT_LOCKED_DOWN', '') !== '',
  }
}
