import { access, copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BoottorrentError } from '../../src/errors.ts'

/** What a machine runs before it boots. */
export type Firmware = 'bios' | 'uefi-x64'

/** Where distributions put edk2's code and the template of its variables: Debian, Fedora, Arch. */
const edk2 = [
  { code: '/usr/share/OVMF/OVMF_CODE_4M.fd', variables: '/usr/share/OVMF/OVMF_VARS_4M.fd' },
  { code: '/usr/share/OVMF/OVMF_CODE.fd', variables: '/usr/share/OVMF/OVMF_VARS.fd' },
  { code: '/usr/share/edk2/ovmf/OVMF_CODE.fd', variables: '/usr/share/edk2/ovmf/OVMF_VARS.fd' },
  { code: '/usr/share/edk2/x64/OVMF_CODE.4m.fd', variables: '/usr/share/edk2/x64/OVMF_VARS.4m.fd' },
]

/**
 * QEMU's words for a firmware. Each UEFI machine gets variables of its own, in `folder`.
 *
 * @throws BoottorrentError FILE when the firmware is not installed.
 */
export async function firmwareArguments(firmware: Firmware, folder: string): Promise<string[]> {
  if (firmware === 'bios') return []
  for (const { code, variables } of edk2) {
    if (!(await exists(code)) || !(await exists(variables))) continue
    const own = join(folder, 'variables.fd')
    await copyFile(variables, own)
    return [
      '-drive',
      `if=pflash,unit=0,format=raw,readonly=on,file=${code}`,
      '-drive',
      `if=pflash,unit=1,format=raw,file=${own}`,
    ]
  }
  throw new BoottorrentError('FILE', 'The UEFI firmware for virtual machines is not installed', {
    hint: 'Install it: apt-get install ovmf',
  })
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
