/**
 * PXELINUX's configuration, for a BIOS on which iPXE fails: by HTTP, and by TFTP when that fails. PXELINUX has its address
 * from the firmware; `SYSAPPEND 2` adds BOOTIF. `ifcpu64` takes labels for 64 bit, for 32 bit with PAE, and for 32 bit.
 */
import type { KernelFlavour } from '../client/contract.ts'
import { type BootScriptOptions, commonWords } from './boot-script.ts'

/** The last name that PXELINUX looks for, and the one of its second attempt. */
export const pxelinuxScriptNames = { first: 'pxelinux.cfg/default', second: 'pxelinux.cfg/tftp' } as const

/** The first attempt, by HTTP. When something cannot be loaded it goes on with the second. */
export function pxelinuxScript(options: BootScriptOptions): string {
  const { host, httpPort } = options
  return `SAY boottorrent: loading from http://${host}:${httpPort}
${configuration(options, `http://${host}:${httpPort}/`)}
ONERROR second
LABEL second
  CONFIG ${pxelinuxScriptNames.second}
`
}

/** The second attempt, by TFTP. When that fails too, PXELINUX shows its own prompt. */
export function pxelinuxTftpScript(options: BootScriptOptions): string {
  return `SAY boottorrent: HTTP failed, trying TFTP from ${options.host}
SAY boottorrent: should a "boot:" appear, neither works. Is "boottorrent start" running? Enter tries again.
${configuration(options, '')}`
}

function configuration(options: BootScriptOptions, base: string): string {
  const { kernels, shared } = options
  const label = (flavour: KernelFlavour) => {
    const { kernel, segments } = kernels[flavour]
    return `LABEL ${flavour}
  LINUX ${base}${kernel}
  INITRD ${[...shared, ...segments].map((name) => base + name).join(',')}
  APPEND ${commonWords(options).join(' ')}
  SYSAPPEND 2
`
  }
  return `PROMPT 0
DEFAULT choose
LABEL choose
  COM32 ifcpu64.c32
  APPEND amd64 -- 686-pae -- 686
${(Object.keys(kernels) as KernelFlavour[]).map(label).join('')}`
}
