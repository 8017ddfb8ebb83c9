import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { ClientManifest } from '../../../client/contract.ts'

/** A client package with small files in the place of kernels, which this test does not run. */
export async function writeClient(directory: string): Promise<string> {
  const manifest: Omit<ClientManifest, 'artifacts' | 'packages'> = {
    version: 1,
    kernels: { '686': { file: 'vmlinuz-686', release: '1' }, amd64: { file: 'vmlinuz-amd64', release: '1' } },
    segments: { base: 'base.img', drivers: { '686': 'drivers-686.img', amd64: 'drivers-amd64.img' } },
    loaders: { bios: 'ipxe.pxe', 'uefi-x64': 'snponly.efi' },
  }
  await mkdir(directory, { recursive: true })
  for (const name of [
    'vmlinuz-686',
    'vmlinuz-amd64',
    'base.img',
    'drivers-686.img',
    'drivers-amd64.img',
    'ipxe.pxe',
    'snponly.efi',
  ]) {
    await writeFile(path.join(directory, name), `content of ${name}`)
  }
  const file = path.join(directory, 'manifest.json')
  await writeFile(file, JSON.stringify({ ...manifest, artifacts: [], packages: [] }))
  return file
}
