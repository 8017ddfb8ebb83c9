/**
 * The Debian packages that must be installed on the machine itself. Plain JavaScript, for whoever runs before there is a
 * Node that knows TypeScript. Everything else that a build needs is unpacked privately.
 */

/** To build the client. */
export const buildPackages = [
  'debian-archive-keyring',
  'dpkg-dev',
  'binutils',
  'gcc',
  'libc6-dev',
  'g++-i686-linux-gnu',
  'make',
  'patch',
  'pkg-config',
  'kmod',
  'squashfs-tools',
  'xz-utils',
  'zstd',
]

/** To boot it in an emulated machine: QEMU, its firmware for BIOS and UEFI, the boot ROMs of its network cards, `ip`. */
export const qemuPackages = ['qemu-system-x86', 'seabios', 'ovmf', 'ovmf-ia32', 'ipxe-qemu', 'iproute2']
