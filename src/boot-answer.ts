/** What a machine that asks to be booted is told: which file, from where. */
import type { BootAnswer, MissingBootFile, PxeClient } from './dhcp/index.ts'

export interface BootAnswerSettings {
  /** IPv4 address of this host as machines see it. */
  readonly host: string
  readonly httpPort: number
  /** Name of the script that any iPXE runs. */
  readonly script: string
  /** File names of the loaders, by the firmware that takes them; see the client's manifest. */
  readonly loaders: { readonly [firmware: string]: string | undefined }
  /** Whether a machine with UEFI gets loaders that Secure Boot accepts. */
  readonly secureBoot: boolean
  /** Which loader a machine with BIOS gets. */
  readonly biosLoader: 'ipxe' | 'pxelinux'
  /** Name of PXELINUX's configuration. */
  readonly pxelinuxScript: string
}

/**
 * The boot file for a machine, or what is missing when there is none for its firmware.
 *
 * Any iPXE gets the script, whoever started it: chaining iPXE into iPXE would never end. Only who wants PXELINUX gets that
 * even then.
 */
export function bootAnswer(machine: PxeClient, settings: BootAnswerSettings): BootAnswer | MissingBootFile {
  const { host, httpPort, script, loaders, secureBoot, biosLoader } = settings
  if (machine.firmware === 'bios' && biosLoader === 'pxelinux' && loaders['bios-pxelinux'] !== undefined) {
    return { server: host, file: loaders['bios-pxelinux'], pxelinux: { configFile: settings.pxelinuxScript } }
  }
  const isSecure = machine.firmware === 'uefi-x64' && secureBoot
  const file = machine.ipxe ? script : loaders[isSecure ? 'uefi-x64-secure' : machine.firmware]
  if (file === undefined) return { missing: missingLoader(machine, loaders) }
  const base = `http://${host}:${httpPort}`
  return { server: host, file: machine.httpBoot ? `${base}/${file}` : file, ipxeScript: `${base}/${script}` }
}

function missingLoader({ firmware, architecture }: PxeClient, loaders: BootAnswerSettings['loaders']): string {
  const there = Object.entries(loaders).flatMap(([kind, file]) => (file === undefined ? [] : [`${file} for ${kind}`]))
  const known = `there is ${there.join(' and ') || 'none at all'}`
  if (firmware !== 'unknown') return `a loader for ${firmware}; ${known}`
  if (architecture === undefined) return `the architecture code (option 93), by which a loader is chosen; ${known}`
  return `a loader for architecture code ${architecture}, which is not known here; ${known}`
}
