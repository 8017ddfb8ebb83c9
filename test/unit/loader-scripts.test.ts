import { describe, expect, it } from 'vitest'
import { grubScript } from '../../src/grub-script.ts'
import { pxelinuxScript, pxelinuxScriptNames, pxelinuxTftpScript } from '../../src/pxelinux-script.ts'

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

describe("PXELINUX's configuration", () => {
  it('fetches each kernel with its segments by HTTP, and goes on with the one for TFTP when that fails', () => {
    const script = pxelinuxScript(options)
    const http = 'http://192.0.2.1:8000/'
    expect(script).toContain(`LINUX ${http}vmlinuz-686-pae\n`)
    expect(script).toContain(`INITRD ${http}base.cpio.xz,${http}environment.img,${http}drivers-686-pae.cpio.xz\n`)
    expect(script).toContain(`ONERROR second\nLABEL second\n  CONFIG ${pxelinuxScriptNames.second}\n`)
  })

  it('names files without a server in the second attempt: PXELINUX knows where it came from', () => {
    const script = pxelinuxTftpScript(options)
    expect(script).toContain('LINUX vmlinuz-amd64\n')
    expect(script).toContain('INITRD base.cpio.xz,environment.img,drivers-amd64.cpio.xz\n')
    expect(script).not.toContain('ONERROR')
  })

  it('has a label for each kernel that ifcpu64 may choose', () => {
    const script = pxelinuxScript(options)
    const labels = [...script.matchAll(/^LABEL (\S+)$/gm)].map(([, label]) => label)
    expect(labels).toEqual(expect.arrayContaining(['amd64', '686-pae', '686']))
    expect(script).toContain('APPEND amd64 -- 686-pae -- 686\n')
  })

  it('tells Phase-1 where the server is and which card booted', () => {
    for (const script of [pxelinuxScript(options), pxelinuxTftpScript(options)]) {
      expect(script).toContain('APPEND boottorrent.server=http://192.0.2.1:8000 console=tty0\n  SYSAPPEND 2\n')
    }
  })
})
