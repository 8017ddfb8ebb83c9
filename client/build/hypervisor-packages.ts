/**
 * What the hypervisor segment is made of: QEMU with SDL, Xorg with a window manager (nobody else makes a window as large as the
 * screen), and udev for keyboards and mice. There is a 32-bit one and a 64-bit one: a 64-bit QEMU can give a machine all the memory
 * there is.
 */

import type { Architecture } from './package-records.ts'

/** Where Debian puts the libraries of an architecture. */
export const TRIPLETS = { i386: 'i386-linux-gnu', amd64: 'x86_64-linux-gnu' } as const satisfies Record<
  Architecture,
  string
>

/** Whose programs and data we take. */
const PROGRAMS = `
  qemu-system-x86 qemu-system-common qemu-system-gui xserver-xorg-core xserver-xorg-video-fbdev xserver-xorg-video-vesa
  xserver-xorg-input-libinput x11-xkb-utils x11-utils evilwm udev`

/** Data that is the same for every architecture. */
const DATA = 'qemu-system-data seabios ipxe-qemu xkb-data libinput-bin ncurses-base'

/** Whose libraries those programs are linked against, as their NEEDED entries say. The build names whichever is missing. */
const LIBRARIES = `
  libacl1 libaio1 libasound2 libasyncns0 libaudit1 libblkid1 libbpf1 libbrotli1 libbsd0 libbz2-1.0 libc6 libcap-ng0 libcap2
  libcapstone4 libdbus-1-3 libdecor-0-0 libdrm2 libelf1 libepoxy0 libevdev2 libexpat1 libfdt1 libffi8 libflac12 libfontenc1
  libfreetype6 libfuse3-3 libgbm1 libgcc-s1 libgcrypt20 libglib2.0-0 libgmp10 libgnutls30 libgpg-error0 libgudev-1.0-0
  libhogweed6 libibverbs1 libidn2-0 libinput10 libjpeg62-turbo libkmod2 liblz4-1 liblzma5 libmd0 libmount1 libmp3lame0
  libmpg123-0 libmtdev1 libncursesw6 libnettle8 libnl-3-200 libnl-route-3-200 libnuma1 libogg0 libopus0 libp11-kit0
  libpciaccess0 libpcre2-8-0 libpixman-1-0 libpng16-16 libpulse0 librdmacm1 libsamplerate0 libsasl2-2 libsdl2-2.0-0
  libseccomp2 libselinux1 libslirp0 libsndfile1 libssl3 libsystemd0 libtasn1-6 libtinfo6 libudev1 libunistring2 libunwind8
  liburing2 libusb-1.0-0 libvdeplug2 libvorbis0a libvorbisenc2 libwacom9 libwayland-client0 libwayland-cursor0
  libwayland-egl1 libwayland-server0 libx11-6 libx11-xcb1 libxau6 libxcb1 libxcursor1 libxcvt0 libxdmcp6 libxext6
  libxfixes3 libxfont2 libxi6 libxkbcommon0 libxkbfile1 libxrandr2 libxrender1 libxshmfence1 libxss1 libzstd1 zlib1g`

/** Where the copyright files of others are. */
const NOTES = 'gcc-12-base'

/** 64-bit QEMU can also use persistent memory. */
const LIBRARIES_OF_AMD64 = 'libdaxctl1 libndctl6 libpmem1 libuuid1'

/** Names of packages: `all` once, the others for each architecture. */
export const HYPERVISOR_PACKAGES = {
  all: words(DATA),
  i386: words(PROGRAMS, LIBRARIES, NOTES),
  amd64: words(PROGRAMS, LIBRARIES, LIBRARIES_OF_AMD64, NOTES),
} as const

/** Programs and plug-ins, whose libraries come along. `{triplet}` stands for the architecture's folder. */
export const HYPERVISOR_PROGRAMS = [
  'usr/bin/qemu-system-x86_64',
  // The characters of a VGA, for QEMU on a terminal.
  'usr/lib/{triplet}/gconv/IBM437.so',
  ...[
    'ui-opengl',
    'ui-sdl',
    'ui-curses',
    'accel-tcg-x86_64',
    'hw-display-virtio-gpu',
    'hw-display-virtio-gpu-pci',
    'hw-display-virtio-vga',
    'hw-usb-host',
  ].map((name) => `usr/lib/{triplet}/qemu/${name}.so`),
  'usr/lib/xorg/Xorg',
  ...['fbdevhw', 'int10', 'shadow', 'shadowfb', 'vgahw', 'wfb'].map((name) => `usr/lib/xorg/modules/lib${name}.so`),
  ...['fbdev', 'modesetting', 'vesa'].map((name) => `usr/lib/xorg/modules/drivers/${name}_drv.so`),
  'usr/lib/xorg/modules/input/libinput_drv.so',
  'usr/bin/xkbcomp',
  'usr/bin/evilwm',
  'usr/bin/xprop',
  'bin/udevadm',
  // Parts of glibc that QEMU does without, and programs of method bin may want.
  ...['librt.so.1', 'libresolv.so.2'].map((name) => `lib/{triplet}/${name}`),
]

/** Files and whole folders that the programs read. `{triplet}` as above. */
export const HYPERVISOR_DATA = [
  ...[
    'keymaps',
    'kvmvapic.bin',
    'linuxboot.bin',
    'linuxboot_dma.bin',
    'multiboot.bin',
    'multiboot_dma.bin',
    'pvh.bin',
  ].map((name) => `usr/share/qemu/${name}`),
  'usr/lib/{triplet}/gconv/gconv-modules',
  'usr/lib/{triplet}/gconv/gconv-modules.d',
  'usr/share/seabios',
  'usr/lib/ipxe/qemu',
  'usr/share/X11/xkb',
  'usr/share/X11/xorg.conf.d',
  'usr/share/libinput',
  ...['50-udev-default', '60-evdev', '60-input-id', '70-mouse', '80-drivers'].map(
    (name) => `lib/udev/rules.d/${name}.rules`,
  ),
  ...['l/linux', 'v/vt220'].map((name) => `lib/terminfo/${name}`),
]

/**
 * Kernel modules: what the system is mounted with, screens, keyboards and mice, KVM. Graphics cards whose driver wants firmware
 * that Debian's main archive has not (radeon, amdgpu, nouveau) are left to the firmware's own picture or to VESA: such a driver
 * would take that picture away and then fail.
 */
export const HYPERVISOR_MODULES = words(`
  loop squashfs
  bochs cirrus virtio-gpu qxl vmwgfx vboxvideo hyperv_drm ast mgag200 i915 gma500_gfx
  evdev psmouse usbhid hid hid-generic hid-multitouch hid-logitech hid-logitech-dj hid-logitech-hidpp hid-microsoft hid-apple
  hid-cherry virtio_input hyperv-keyboard hid-hyperv i2c-hid-acpi
  ehci-pci ohci-pci uhci-hcd xhci-pci virtio_pci
  kvm kvm-intel kvm-amd tun`)

function words(...texts: readonly string[]): string[] {
  return texts.join(' ').trim().split(/\s+/)
}
