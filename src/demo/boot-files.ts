/** What a machine fetches before Phase-1 runs: its loader, iPXE's script, and the kernel and segments that are in it. */
import type { Lease } from './dhcp-questions.ts'
import type { HttpClient } from './http-client.ts'
import { fetchByTftp } from './tftp-client.ts'

/** What iPXE is told to load, for one kind of machine. */
export interface BootPlan {
  readonly kernel: string
  readonly segments: readonly string[]
  /** The words for the kernel. */
  readonly cmdline: readonly string[]
}

/** The label that the script goes to on a PC with 64 bits, as all of ours are. */
const LABEL = ':amd64'
// biome-ignore lint/suspicious/noTemplateCurlyInString: iPXE's own variable
const BASE = '${base}'

/** @throws Error when the script has no such part */
export function readBootScript(script: string): BootPlan {
  const base = /^set base (\S+)$/m.exec(script)?.[1]
  const lines = script.split('\n')
  const from = lines.indexOf(LABEL) + 1
  const part =
    from === 0
      ? []
      : lines.slice(
          from,
          lines.findIndex((line, at) => at >= from && line.startsWith('boot ')),
        )
  // What may be missing is for rare network cards.
  const needed = part.filter((line) => !line.endsWith(' ||')).map((line) => line.replace(/ \|\| .*$/, '').split(' '))
  const urls = (command: string) =>
    needed.filter(([word]) => word === command).map(([, url = '']) => url.replace(BASE, base ?? ''))
  const [kernel] = urls('kernel')
  if (base === undefined || kernel === undefined) throw new Error('the boot script has no kernel for 64 bits')
  const cmdline = needed.find(([word]) => word === 'kernel')?.slice(2) ?? []
  return { kernel, segments: urls('initrd'), cmdline }
}

export interface Loaded {
  /** The segment that only this environment has. */
  readonly environment: Buffer
  /** Where Phase-1 reports, `http://192.0.2.1:8000/report`. */
  readonly reportUrl: string
}

const ENVIRONMENT = '/environment.img'

export interface Loading {
  /** What firmware was told by DHCP. */
  readonly boot: Lease
  readonly tftpPort: number
  readonly http: HttpClient
  /** Asks for an address as iPXE. */
  readonly askAgain: () => Promise<Lease>
}

/** Firmware and loader fetch what they are told to. @throws Error what could not be had */
export async function loadBootFiles({ boot, tftpPort, http, askAgain }: Loading): Promise<Loaded> {
  const { address, bootServer: server, bootFile: file } = boot
  if (file === '') throw new Error('DHCP named no boot file')
  const fetch = (name: string) => fetchByTftp({ address, server, port: tftpPort, file: name })
  await fetch(file)
  // What runs now is iPXE, which is given its script.
  const { bootFile: script } = await askAgain()
  const plan = readBootScript((await fetch(script)).toString())
  await http.pass(plan.kernel)
  let environment: Buffer | undefined
  for (const url of plan.segments) {
    if (url.endsWith(ENVIRONMENT)) environment = await http.fetch(url)
    else await http.pass(url)
  }
  const host = plan.cmdline.find((word) => word.startsWith('boottorrent.server='))?.slice('boottorrent.server='.length)
  if (environment === undefined || host === undefined) throw new Error('the boot script names no environment')
  return { environment, reportUrl: `${host}/report` }
}
