/** Names of folders for systems. */
import path from 'node:path'
import { BoottorrentError } from '../errors.ts'

/** A file name has 255 bytes, and others are made of this one by appending to it. */
const LONGEST = 200
const ENDINGS = /\.(iso|img|ima|raw|qcow2|vmdk|vdi|vhdx|tar|tgz|txz|gz|xz|zst|bin|efi|ova)$/i
/** Names that say nothing: then the folder says more. */
const NOTHING_SAID = /^(vmlinuz|vmlinux|linux|bzimage|kernel|image|rootfs|root|disk|disc|cdrom|mini|boot)$/i

/** A name for what lies at `source`: letters, digits, ".", "-" and "_". */
export function nameFor(source: string): string {
  let base = path.basename(source)
  while (ENDINGS.test(base)) base = base.replace(ENDINGS, '')
  if (NOTHING_SAID.test(base)) {
    const folder = path.basename(path.dirname(path.resolve(source)))
    if (folder !== '') base = `${folder}-${base}`
  }
  const plain = base
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, LONGEST)
  return plain === '' ? 'system' : plain
}

/** @throws BoottorrentError USAGE for a name that no folder in oss/ can have */
export function checkName(name: string): void {
  const isPlain = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name) && name.length <= LONGEST
  if (isPlain) return
  throw new BoottorrentError('USAGE', `${JSON.stringify(name.slice(0, 80))} cannot be the name of a system.`, {
    hint: `Use letters, digits, ".", "-" and "_", at most ${LONGEST} of them; --title takes any text for the menu.`,
  })
}

/** File names in their order, each changed as little as makes it plain and different from those before it. */
export function namesApart(names: readonly string[]): string[] {
  const taken = new Set(['config.yaml'])
  return names.map((name) => {
    const plain = name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, '') || 'file'
    let apart = plain
    for (let number = 2; taken.has(apart); number += 1) apart = `${number}-${plain}`
    taken.add(apart)
    return apart
  })
}
