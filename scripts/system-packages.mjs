// The Debian packages that the two commands need on the machine itself, by purpose.
export { buildPackages, qemuPackages } from '../client/build/system-packages.mjs'

/** Foreign peers, tools and real inputs of the tests. */
export const testPackages = [
  'aria2',
  'atftp',
  'busybox-static',
  'chromium',
  'cpio',
  'curl',
  'debian-installer-12-netboot-amd64',
  'dnsmasq-base',
  'e2fsprogs',
  'fish',
  'grub-common',
  'grub-efi-amd64-bin',
  'grub-rescue-pc',
  'iptables',
  'isc-dhcp-client',
  'isc-dhcp-relay',
  'kea-admin',
  'libarchive-tools',
  'mmdebstrap',
  'mktorrent',
  'nftables',
  'perl-base',
  'pxelinux',
  'python3-libtorrent',
  'syslinux-common',
  'tftp-hpa',
  'tmux',
  'wget',
  'xorriso',
  'zsh',
]

/** What the benches also need: other peers, and a compiler for the load generators. */
export const benchPackages = ['gcc', 'libc6-dev', 'linux-perf', 'transmission-cli']
