import { access, copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BoottorrentError } from '../../errors.ts'

/** What a machine runs before it boots. */
export type Firmware = 'bios' | 'uefi-x64' | 'uefi-x64-secure' | 'uefi-ia32'

interface Edk2 {
  readonly code: string
  /** The template of its variables. */
  readonly variables: string
}

/** Where distributions put edk2: Debian, Fedora, Arch. Secure Boot is on in variables with Microsoft's keys. */
const edk2: { readonly [firmware in Exclude<Firmware, 'bios'>]: readonly Edk2[] } = {
  'uefi-x64': [
    { code: '/usr/share/OVMF/OVMF_CODE_4M.fd', variables: '/usr/share/OVMF/OVMF_VARS_4M.fd' },
    { code: '/usr/share/OVMF/OVMF_CODE.fd', variables: '/usr/share/OVMF/OVMF_VARS.fd' },
    { code: '/usr/share/edk2/ovmf/OVMF_CODE.fd', variables: '/usr/share/edk2/ovmf/OVMF_VARS.fd' },
    { code: '/usr/share/edk2/x64/OVMF_CODE.4m.fd', variables: '/usr/share/edk2/x64/OVMF_VARS.4m.fd' },
  ],
  'uefi-x64-secure': [
    { code: '/usr/share/OVMF/OVMF_CODE_4M.ms.fd', variables: '/usr/share/OVMF/OVMF_VARS_4M.ms.fd' },
    { code: '/usr/share/edk2/ovmf/OVMF_CODE.secboot.fd', variables: '/usr/share/edk2/ovmf/OVMF_VARS.secboot.fd' },
  ],
  'uefi-ia32': [
    { code: '/usr/share/OVMF/OVMF32_CODE_4M.secboot.fd', variables: '/usr/share/OVMF/OVMF32_VARS_4M.fd' },
    { code: '/usr/share/edk2/ovmf-ia32/OVMF_CODE.fd', variables: '/usr/share/edk2/ovmf-ia32/OVMF_VARS.fd' },
  ],
}

/** QEMU's name of the mainboard. Builds of edk2 that know Secure Boot guard their variables by system management mode. */
export function mainboard(firmware: Firmware): string {
  if (firmware === 'bios') return 'pc'
  return firmware === 'uefi-x64' ? 'q35' : 'q35,smm=on'
}

/**
 * QEMU's words for a firmware. Each UEFI machine gets variables of its own, in `folder`.
 *
 * @throws BoottorrentError FILE when the firmware is not installed.
 */
export async function firmwareArguments(firmware: Firmware, folder: string): Promise<string[]> {
  if (firmware === 'bios') return []
  for (const { code, variables } of edk2[firmware]) {
    if (!(await exists(code)) || !(await exists(variables))) continue
    const own = join(folder, 'variables.fd')
    await copyFile(variables, own)
    return [
      '-drive',
      `if=pflash,unit=0,format=raw,readonly=on,file=${code}`,
      '-drive',
      `if=pflash,unit=1,format=raw,file=${own}`,
      ...(firmware === 'uefi-x64' ? [] : ['-global', 'driver=cfi.pflash01,property=secure,value=on']),
    ]
  }
  throw new BoottorrentError('FILE', `The firmware ${firmware} for virtual machines is not installed`, {
    hint: 'Install it: apt-get install ovmf ovmf-ia32',
  })
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
