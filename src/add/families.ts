/** Which kind of live system or installer an ISO image holds, and whether it can do without its disc. */
import type { IsoVolume } from './iso9660/volume.ts'

export interface Family {
  /** What people call it. */
  readonly name: string
  /** What it looks for on its disc after its kernel has started; undefined when it needs nothing. */
  readonly needs: string | undefined
}

interface Sign {
  /** Any of these folders or files tells the family. */
  readonly paths: readonly string[]
  readonly name: string
  readonly needs: string
}

/** The first that fits counts. Each says where its early user space looks for the rest of itself. */
const SIGNS: readonly Sign[] = [
  // casper(7)
  { paths: ['casper'], name: 'Ubuntu live system (casper)', needs: 'the file systems in /casper' },
  // live-boot(7)
  { paths: ['live/filesystem.squashfs'], name: 'Debian live system (live-boot)', needs: '/live/filesystem.squashfs' },
  // dracut.cmdline(7), dmsquash-live
  { paths: ['LiveOS/squashfs.img', 'LiveOS/rootfs.img'], name: 'Fedora live system (dracut)', needs: '/LiveOS' },
  // anaconda's boot options: inst.stage2
  { paths: ['images/install.img'], name: 'Fedora installer (anaconda)', needs: '/images/install.img' },
  // mkinitcpio-archiso; SystemRescue is built with it, too
  { paths: ['sysresccd'], name: 'SystemRescue (archiso)', needs: '/sysresccd' },
  { paths: ['arch'], name: 'Arch Linux (archiso)', needs: '/arch' },
  // mkinitfs's init: modloop and apks
  { paths: ['apks'], name: 'Alpine Linux', needs: '/apks and its modloop' },
  // debian-installer's cdrom-detect
  { paths: ['pool', 'install.amd', 'install.386'], name: 'Debian installer on a disc', needs: 'the packages in /pool' },
]

/** What lies beside kernel and initrd and is more than pictures and loaders is needed later. */
const REMAINDER = 64 * 1024 * 1024

/** @param remainder bytes of the image that are neither kernel nor initrd */
export async function familyOf(iso: IsoVolume, remainder: number): Promise<Family> {
  for (const { paths, name, needs } of SIGNS) {
    for (const path of paths) {
      if ((await iso.find(path)) !== undefined) return { name, needs }
    }
  }
  if (remainder > REMAINDER) return { name: 'system of a kind that is not known', needs: 'what else is on its disc' }
  return { name: 'system that is whole in its initrd', needs: undefined }
}
