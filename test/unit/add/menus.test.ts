import { expect, test } from 'vitest'
import { parseGrub } from '../../../src/add/menus/grub.ts'
import { parseIsolinux } from '../../../src/add/menus/isolinux.ts'
import { parseLoaderEntry } from '../../../src/add/menus/loader-entry.ts'

const nothing = async () => undefined

test("ISOLINUX: labels of an included file, the initrd among the words, the menu's own choice", async () => {
  const files: Record<string, string> = {
    'txt.cfg': `
label install
\tmenu label ^Install
\tkernel /install.amd/vmlinuz
\tappend vga=788 initrd=/install.amd/initrd.gz --- quiet
label memtest
  linux memtest
`,
  }
  const menu = await parseIsolinux('default install\ninclude txt.cfg\n', async (name) => files[name])
  expect(menu).toEqual([
    {
      title: 'Install',
      kernel: '/install.amd/vmlinuz',
      initrds: ['/install.amd/initrd.gz'],
      cmdline: 'vga=788 --- quiet',
      isDefault: true,
    },
    { title: 'memtest', kernel: 'memtest', initrds: [], cmdline: '', isDefault: false },
  ])
})

test('ISOLINUX: several initrds, MENU DEFAULT and lines of Windows', async () => {
  const text = 'LABEL arch\r\nMENU DEFAULT\r\nLINUX /arch/boot/vmlinuz\r\nINITRD ucode.img,/arch/boot/initramfs.img\r\n'
  expect(await parseIsolinux(text, nothing)).toEqual([
    {
      title: 'arch',
      kernel: '/arch/boot/vmlinuz',
      initrds: ['ucode.img', '/arch/boot/initramfs.img'],
      cmdline: '',
      isDefault: true,
    },
  ])
})

test('a menu that includes itself ends', async () => {
  const itself = 'include a\nlabel x\nkernel k\n'
  expect((await parseIsolinux(itself, async () => itself)).length).toBeLessThanOrEqual(32)
  expect(await parseGrub('source a', async () => 'source a')).toEqual([])
})

test('GRUB: variables, quotation marks, devices and long lines', async () => {
  const text = `
set default="1"
set kopts='quiet splash'
if loadfont unicode ; then set gfxmode=auto ; fi
menuentry "Try Ubuntu" --class ubuntu {
  linux /casper/vmlinuz $kopts \\
     boot=casper
  initrd (cd0)/casper/initrd
}
submenu 'More' {
  menuentry 'It'"'"'s safe' { linux ($root)/casper/vmlinuz nomodeset; initrd /a /b; }
}
menuentry 'UEFI settings' { fwsetup }
`
  expect(await parseGrub(text, nothing)).toEqual([
    {
      title: 'Try Ubuntu',
      kernel: '/casper/vmlinuz',
      initrds: ['/casper/initrd'],
      cmdline: 'quiet splash boot=casper',
      isDefault: false,
    },
    { title: "It's safe", kernel: '/casper/vmlinuz', initrds: ['/a', '/b'], cmdline: 'nomodeset', isDefault: true },
  ])
})

test('systemd-boot: one entry with several initrds', () => {
  const text =
    'title Arch Linux install medium\nlinux /arch/boot/x86_64/vmlinuz-linux\ninitrd /a\ninitrd /b\noptions x y\n'
  expect(parseLoaderEntry(text)).toEqual([
    {
      title: 'Arch Linux install medium',
      kernel: '/arch/boot/x86_64/vmlinuz-linux',
      initrds: ['/a', '/b'],
      cmdline: 'x y',
      isDefault: false,
    },
  ])
  expect(parseLoaderEntry('title EFI shell\nefi /shell.efi\n')).toEqual([])
})
