import { expect, test } from 'vitest'
import { qemuFiles } from '../../../src/environment/qemu-files.ts'

test.each([
  ['-cdrom disc.iso -m 512', ['disc.iso']],
  ['--cdrom disc.iso', ['disc.iso']],
  ['-hda a.img -hdb b.img -fda c.img', ['a.img', 'b.img', 'c.img']],
  ['-kernel k -initrd i -append quiet', ['k', 'i']],
  ['-drive file=a.img,format=raw', ['a.img']],
  ['-drive if=virtio,file=a,,b.img,format=raw', ['a,b.img']],
  ['-drive if=none,id=file', []],
  ['-cdrom', []],
  ['-cdrom /dev/cdrom', []],
  ['-cdrom http://192.0.2.1/disc.iso', []],
  ['-drive file=fat:rw:share', []],
  ['-m 512 -accel kvm', []],
])('of "%s" the files are %j', (args, files) => {
  expect(qemuFiles(args.split(' '))).toEqual(files)
})
