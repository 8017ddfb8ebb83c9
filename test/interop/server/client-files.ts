import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type ClientManifest, kernelFlavours } from '../../../client/contract.ts'

/** A client package with small files in the place of kernels, which this test does not run. */
export async function writeClient(directory: string): Promise<string> {
  const kernel = (flavour: string) => ({ file: `vmlinuz-${flavour}`, release: '1' })
  const others = (flavour: string) => ({ file: `others-${flavour}.img`, cards: '15b3:1003', commonCards: '8086:100e' })
  const manifest: Omit<ClientManifest, 'artifacts' | 'packages'> = {
    version: 1,
    kernels: { '686': kernel('686'), '686-pae': kernel('686-pae'), amd64: kernel('amd64') },
    segments: {
      base: 'base.img',
      drivers: { '686': 'drivers-686.img', '686-pae': 'drivers-686-pae.img', amd64: 'drivers-amd64.img' },
      otherDrivers: { '686': others('686'), '686-pae': others('686-pae'), amd64: others('amd64') },
      secureBoot: 'secure-boot.img',
      debug: 'debug.img',
    },
    hypervisors: [{ folder: 'hypervisor-amd64', kernels: ['1'] }],
    loaders: {
      bios: 'ipxe.pxe',
      'bios-pxelinux': 'lpxelinux.0',
      'uefi-x64': 'snponly.efi',
      'uefi-x64-secure': 'shimx64.efi',
      'uefi-ia32': 'grubia32.efi',
    },
  }
  const names = [
    ...kernelFlavours.flatMap((flavour) => [`vmlinuz-${flavour}`, `drivers-${flavour}.img`, `others-${flavour}.img`]),
    ...['base.img', 'secure-boot.img', 'debug.img', ...Object.values(manifest.loaders)],
  ]
  await mkdir(directory, { recursive: true })
  for (const name of names) await writeFile(path.join(directory, name), `content of ${name}`)
  const artifacts = names.map((file) => ({ file, bytes: `content of ${file}`.length, sha256: '' }))
  const file = path.join(directory, 'manifest.json')
  await writeFile(file, JSON.stringify({ ...manifest, artifacts, packages: [] }))
  return file
}
