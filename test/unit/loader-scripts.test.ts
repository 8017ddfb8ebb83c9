import { describe, expect, it } from 'vitest'
import { grubScript } from '../../src/grub-script.ts'
import { pxelinuxScriptName, pxelinuxScripts } from '../../src/pxelinux-script.ts'

const options = {
  host: '192.0.2.1',
  httpPort: 8000,
  cmdline: 'console=tty0',
  kernels: { '686': kernel('686'), '686-pae': kernel('686-pae'), amd64: kernel('amd64') },
  shared: ['base.cpio.xz', 'environment.img'],
  secureBoot: 'secure-boot.cpio.xz',
}

function kernel(flavour: string) {
  return { kernel: `vmlinuz-${flavour}`, segments: [`drivers-${flavour}.cpio.xz`] }
}

describe("GRUB's script", () => {
  const script = grubScript(options)

  it('gives the 64-bit GRUB, which Secure Boot starts, the 64-bit kexec', () => {
    const [first = ''] = script.split('elif')
    expect(first).toContain('[ "$grub_cpu" = x86_64 ]')
    expect(first).toContain('kernel=vmlinuz-amd64')
    expect(first).toContain('segments="base.cpio.xz environment.img drivers-amd64.cpio.xz secure-boot.cpio.xz"')
  })

  it('lets the processor of a 32-bit firmware choose its kernel', () => {
    expect(script).toMatch(/elif cpuid -l; then\n {2}set kernel=vmlinuz-amd64\n/)
    expect(script).toMatch(/elif cpuid -p; then\n {2}set kernel=vmlinuz-686-pae\n/)
    expect(script).toMatch(/else\n {2}set kernel=vmlinuz-686\n/)
  })

  it('tries HTTP, then TFTP, by absolute addresses', () => {
    expect(script).toContain('for base in "(http,192.0.2.1:8000)" "(tftp,192.0.2.1)"; do')
    expect(script).not.toContain('net_default_server')
  })

  it('closes every block that it opens', () => {
    const count = (word: RegExp) => [...script.matchAll(word)].length
    expect(count(/^ *if |; then if /gm)).toBe(count(/^ *fi$|; fi$/gm))
    expect(count(/; do\b/g)).toBe(count(/\bdone$/gm))
  })
})

describe("PXELINUX's configurations", () => {
  const scripts = pxelinuxScripts(options)
  const script = (name: string) => scripts.get(name) ?? ''

  it('choose the kernel first, by a label for each that ifcpu64 may choose', () => {
    const first = script(pxelinuxScriptName)
    expect(first).toContain('APPEND amd64 -- 686-pae -- 686\n')
    for (const flavour of ['amd64', '686-pae', '686']) {
      expect(first).toContain(`LABEL ${flavour}\n  CONFIG pxelinux.cfg/${flavour}\n`)
    }
  })

  it('fetch each kernel with its segments by HTTP, and go on with the one for TFTP when that fails', () => {
    const http = 'http://192.0.2.1:8000/'
    const pae = script('pxelinux.cfg/686-pae')
    expect(pae).toContain(`LINUX ${http}vmlinuz-686-pae\n`)
    expect(pae).toContain(`INITRD ${http}base.cpio.xz,${http}environment.img,${http}drivers-686-pae.cpio.xz\n`)
    expect(pae).toContain('ONERROR second\nLABEL second\n  CONFIG pxelinux.cfg/686-pae-tftp\n')
  })

  it('name files by TFTP with their server: bare names are not found after HTTP has failed', () => {
    const tftp = script('pxelinux.cfg/amd64-tftp')
    const server = 'tftp://192.0.2.1/'
    expect(tftp).toContain(`LINUX ${server}vmlinuz-amd64\n`)
    expect(tftp).toContain(`INITRD ${server}base.cpio.xz,${server}environment.img,${server}drivers-amd64.cpio.xz\n`)
    expect(tftp).not.toContain('ONERROR')
  })

  it('run ifcpu64 once, and lead only to configurations that are there', () => {
    const all = [...scripts.values()].join('')
    expect(all.match(/ifcpu64/g)).toHaveLength(1)
    for (const [, name = ''] of all.matchAll(/^ {2}CONFIG (\S+)$/gm)) expect(scripts.has(name)).toBe(true)
  })

  it('tell Phase-1 where the server is and which card booted', () => {
    for (const [name, text] of scripts) {
      if (name === pxelinuxScriptName) continue
      expect(text).toContain('APPEND boottorrent.server=http://192.0.2.1:8000 console=tty0\n  SYSAPPEND 2\n')
    }
  })
})
