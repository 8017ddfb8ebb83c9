/**
 * PXELINUX's configurations, for a BIOS on which iPXE fails: by HTTP, and by TFTP when that fails. PXELINUX has its address
 * from the firmware; `SYSAPPEND 2` adds BOOTIF. `ifcpu64` takes labels for 64 bit, for 32 bit with PAE, and for 32 bit.
 *
 * Once a file by HTTP has failed, PXELINUX finds no file by its bare name any more, `ifcpu64` among them: so the kernel is chosen
 * first, and what comes by TFTP has an address.
 */
import type { KernelFlavour } from '../client/contract.ts'
import { type BootScriptOptions, commonWords } from './boot-script.ts'

/** The last name that PXELINUX looks for by itself. */
export const pxelinuxScriptName = 'pxelinux.cfg/default'

/** Every configuration by its name. */
export function pxelinuxScripts(options: BootScriptOptions): ReadonlyMap<string, string> {
  const flavours = Object.keys(options.kernels) as KernelFlavour[]
  return new Map([
    [pxelinuxScriptName, chooseKernel(options, flavours)],
    ...flavours.flatMap((flavour): [string, string][] => [
      [httpName(flavour), byHttp(options, flavour)],
      [tftpName(flavour), byTftp(options, flavour)],
    ]),
  ])
}

const httpName = (flavour: KernelFlavour) => `pxelinux.cfg/${flavour}`
const tftpName = (flavour: KernelFlavour) => `pxelinux.cfg/${flavour}-tftp`

function chooseKernel({ host, httpPort }: BootScriptOptions, flavours: readonly KernelFlavour[]): string {
  return `SAY boottorrent: loading from http://${host}:${httpPort}
PROMPT 0
DEFAULT choose
LABEL choose
  COM32 ifcpu64.c32
  APPEND amd64 -- 686-pae -- 686
${flavours.map((flavour) => `LABEL ${flavour}\n  CONFIG ${httpName(flavour)}\n`).join('')}`
}

/** When something cannot be loaded it goes on with TFTP. */
function byHttp(options: BootScriptOptions, flavour: KernelFlavour): string {
  return `${configuration(options, flavour, `http://${options.host}:${options.httpPort}/`)}ONERROR second
LABEL second
  CONFIG ${tftpName(flavour)}
`
}

/** When that fails too, PXELINUX shows its own prompt. */
function byTftp(options: BootScriptOptions, flavour: KernelFlavour): string {
  return `SAY boottorrent: HTTP failed, trying TFTP from ${options.host}
SAY boottorrent: should a "boot:" appear, neither works. Is "boottorrent start" running? Enter tries again.
${configuration(options, flavour, `tftp://${options.host}/`)}`
}

function configuration(options: BootScriptOptions, flavour: KernelFlavour, base: string): string {
  const { kernel, segments } = options.kernels[flavour]
  return `PROMPT 0
DEFAULT linux
LABEL linux
  LINUX ${base}${kernel}
  INITRD ${[...options.shared, ...segments].map((name) => base + name).join(',')}
  APPEND ${commonWords(options).join(' ')}
  SYSAPPEND 2
`
}
