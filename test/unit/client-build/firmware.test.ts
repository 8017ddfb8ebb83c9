import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createCache } from '../../../client/build/cache.ts'
import { type FirmwareFor, firmwarePiece, takeFirmware } from '../../../client/build/firmware.ts'
import { type FirmwarePackage, firmwarePackages } from '../../../client/build/firmware-packages.ts'
import { licenceOf, type Piece, type Workshop } from '../../../client/build/pieces.ts'
import { createProgress } from '../../../client/build/progress.ts'
import { firmwareEntries } from '../../../client/build/segments.ts'

const progress = createProgress(() => {})

test('takes what drivers ask for from either folder, and follows links inside of the package', async () => {
  const unpacked = await folder({
    'lib/firmware/e100/d102e_ucode.bin': 'ucode',
    'lib/firmware/rtl_nic/rtl8168h-2.fw': 'realtek',
    'lib/firmware/iwlwifi-1.ucode': 'wireless',
    'usr/lib/firmware/bnx2/bnx2-mips.fw': 'bnx2',
  })
  await symlink('rtl8168h-2.fw', join(unpacked, 'lib/firmware/rtl_nic/rtl8168h-1.fw'))
  const to = await folder({})
  const names = ['bnx2/bnx2-mips.fw', 'e100/d102e_ucode.bin', 'rtl_nic/rtl8168h-1.fw', 'tigon/tg3.bin']
  expect(await takeFirmware(unpacked, names, to)).toEqual(names.slice(0, 3))
  expect(await readFile(join(to, 'rtl_nic/rtl8168h-1.fw'), 'utf8')).toBe('realtek')
  expect(await readFile(join(to, 'bnx2/bnx2-mips.fw'), 'utf8')).toBe('bnx2')
})

test('a link or a name that leads out of the package is not followed', async () => {
  const unpacked = await folder({ 'lib/firmware/real.fw': '' })
  await symlink('/etc/hostname', join(unpacked, 'lib/firmware/absolute.fw'))
  await symlink('../../../../../../../../etc/hostname', join(unpacked, 'lib/firmware/relative.fw'))
  const names = ['absolute.fw', 'real.fw', 'relative.fw', '../../../../../../../../etc/hostname']
  expect(await takeFirmware(unpacked, names, await folder({}))).toEqual(['real.fw'])
})

test('a .deb file is read for what the manifest says; firmware travels with its drivers, and the licence with it', async () => {
  const deb = await packed('my-firmware', {
    'lib/firmware/e100/d102e_ucode.bin': 'common',
    'lib/firmware/myri10ge_eth_z8e.dat': 'rare',
    'lib/firmware/iwlwifi-1.ucode': 'wireless',
  })
  const [found] = await packages([deb])
  expect(found?.package).toMatchObject({ name: 'my-firmware', version: '1.0-1', source: 'my-firmware 1.0-1' })
  expect(found?.package.sha256).toMatch(/^[0-9a-f]{64}$/)

  const piece = await firmwarePiece(await workshop(), found as FirmwarePackage, [await kernel()])
  expect(await licenceOf(piece)).toBe('Redistributable')
  const licence = 'usr/share/doc/my-firmware/copyright'
  expect(await filesFor(piece, 'common')).toEqual(['lib/firmware/e100/d102e_ucode.bin', licence])
  expect(await filesFor(piece, 'others')).toEqual(['lib/firmware/myri10ge_eth_z8e.dat', licence])
})

test('firmware for common drivers alone adds nothing to the others', async () => {
  const [found] = await packages([await packed('my-firmware', { 'lib/firmware/e100/d102e_ucode.bin': '' })])
  const piece = await firmwarePiece(await workshop(), found as FirmwarePackage, [await kernel()])
  expect(await filesFor(piece, 'others')).toEqual([])
})

test('a package of which no driver asks for anything is refused with where they ask', async () => {
  const [found] = await packages([await packed('my-wireless', { 'lib/firmware/iwlwifi-1.ucode': '' })])
  await expect(firmwarePiece(await workshop(), found as FirmwarePackage, [await kernel()])).rejects.toMatchObject({
    code: 'USAGE',
    message: 'no driver of a network card asks for a file of the package my-wireless',
    hint: 'Leave it out. Their files are in: e100.',
  })
})

test('a file that is not there or is no package is said in a sentence', async () => {
  await expect(packages(['/nonexistent/a.deb'])).rejects.toMatchObject({
    code: 'FILE',
    message: 'the package /nonexistent/a.deb cannot be read',
  })
  const broken = join(await folder({ 'broken.deb': 'not a package' }), 'broken.deb')
  await expect(packages([broken])).rejects.toMatchObject({ hint: expect.stringContaining('broken.deb') })
})

/** A folder with these files. */
async function folder(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'boottorrent-firmware-'))
  onTestFinished(() => rm(root, { recursive: true }))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), content)
  }
  return root
}

/** A Debian package, made by dpkg-deb. */
async function packed(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const control = `Package: ${name}\nVersion: 1.0-1\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: b\n`
  const copyright =
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nLicense: Redistributable\n'
  const tree = await folder({ ...files, 'DEBIAN/control': control, [`usr/share/doc/${name}/copyright`]: copyright })
  const deb = join(await folder({}), `${name}.deb`)
  execFileSync('dpkg-deb', ['--build', '--root-owner-group', tree, deb], { stdio: 'ignore' })
  return deb
}

async function packages(wanted: readonly string[]): Promise<FirmwarePackage[]> {
  return firmwarePackages({ wanted, root: await folder({}), progress, update: false })
}

async function workshop(): Promise<Workshop> {
  const work = await folder({})
  const cache = createCache(join(work, 'built'))
  return { cache, work, progress, sources: async () => [] } as unknown as Workshop
}

async function filesFor(piece: Piece, whose: FirmwareFor): Promise<string[]> {
  return (await firmwareEntries([piece], whose)).filter(({ type }) => type === undefined).map(({ path }) => path)
}

/** A kernel with a common and a rare driver. The rare one knows the common one's firmware too. */
async function kernel(): Promise<Piece> {
  const root = await folder({})
  const common = 'firmware=e100/d102e_ucode.bin\0'
  await writeModule(join(root, 'modules/card.ko'), common)
  await writeModule(join(root, 'other-modules/rare.ko'), `${common}firmware=myri10ge_eth_z8e.dat\0`)
  return { folder: root, inputs: root } as unknown as Piece
}

/** Modules name the files they ask for in their section .modinfo. */
async function writeModule(file: string, modinfo: string): Promise<void> {
  const root = await folder({ modinfo, 'empty.s': '' })
  const object = join(root, 'empty.o')
  execFileSync('as', ['-o', object, join(root, 'empty.s')])
  await mkdir(dirname(file), { recursive: true })
  execFileSync('objcopy', ['--add-section', `.modinfo=${join(root, 'modinfo')}`, object, file])
}
