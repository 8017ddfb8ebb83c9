/** What a machine that asks to be booted is told: which file, from where. */
import type { BootAnswer, PxeClient } from './dhcp/index.ts'

export interface BootAnswerSettings {
  /** IPv4 address of this host as machines see it. */
  readonly host: string
  readonly httpPort: number
  /** Name of the script that any iPXE runs. */
  readonly script: string
  /** File names of the loaders, by the firmware that takes them. */
  readonly loaders: { readonly [firmware: string]: string | undefined }
}

/**
 * The boot file for a machine; undefined when there is none for its firmware.
 *
 * Any iPXE gets the script, whoever started it: chaining iPXE into iPXE would never end.
 */
export function bootAnswer(machine: PxeClient, settings: BootAnswerSettings): BootAnswer | undefined {
  const { host, httpPort, script, loaders } = settings
  const file = machine.ipxe ? script : loaders[machine.firmware]
  if (file === undefined) return undefined
  return { server: host, file: machine.httpBoot ? `http://${host}:${httpPort}/${file}` : file }
}
