import { describe, expect, it } from 'vitest'
import { autoexecScript, bootScript } from '../../src/boot-script.ts'

const options = {
  host: '192.0.2.1',
  httpPort: 8000,
  cmdline: 'console=tty0',
  kernels: { amd64: 'vmlinuz-amd64', '686': 'vmlinuz-686' },
  drivers: { amd64: 'drivers-amd64.cpio.xz', '686': 'drivers-686.cpio.xz' },
  shared: ['base.cpio.xz', 'environment.img'],
}

/** The lines after a label, up to the next one. */
function section(script: string, label: string): string[] {
  const lines = script.split('\n')
  const start = lines.indexOf(`:${label}`) + 1
  const end = lines.findIndex((line, index) => index >= start && line.startsWith(':'))
  return lines.slice(start, end)
}

describe('the iPXE script', () => {
  it('starts with the line by which iPXE knows a script', () => {
    expect(bootScript(options)).toMatch(/^#!ipxe\n/)
    expect(autoexecScript(options)).toMatch(/^#!ipxe\n/)
  })

  it('loads each kernel with its own drivers and with what both share', () => {
    const amd64 = section(bootScript(options), 'amd64').join('\n')
    expect(amd64).toContain('/vmlinuz-amd64 ')
    expect(amd64).toContain('/drivers-amd64.cpio.xz')
    expect(amd64).not.toContain('686')
    const i686 = section(bootScript(options), 'i686').join('\n')
    expect(i686).toContain('/vmlinuz-686 ')
    expect(i686).toContain('/drivers-686.cpio.xz')
    expect(i686).not.toContain('amd64')
    for (const flavour of [amd64, i686]) {
      expect(flavour).toContain('/base.cpio.xz')
      expect(flavour).toContain('/environment.img')
    }
  })

  it('tells Phase-1 where the server is and which network card booted', () => {
    const kernel = section(bootScript(options), 'amd64').find((line) => line.startsWith('kernel '))
    expect(kernel).toContain(' boottorrent.server=http://192.0.2.1:8000 ')
    // biome-ignore lint/suspicious/noTemplateCurlyInString: iPXE replaces it
    expect(kernel).toContain(' BOOTIF=01-${netX/mac:hexhyp} ')
    expect(kernel).toContain(' console=tty0 ')
  })

  it('never relies on next-server, which is another host beside another DHCP server', () => {
    expect(bootScript(options) + autoexecScript(options)).not.toContain('next-server')
  })

  it('jumps only to labels that are there, whatever fails', () => {
    for (const script of [bootScript(options), autoexecScript(options)]) {
      const labels = new Set([...script.matchAll(/^:(\w+)$/gm)].map(([, label]) => label))
      const targets = [...script.matchAll(/goto (\w+)/g)].map(([, label]) => label)
      expect(targets.length).toBeGreaterThan(0)
      for (const target of targets) expect(labels).toContain(target)
    }
  })

  it('asks for an IPv4 address alone when it has none yet, for a full one waits for an IPv6 router', () => {
    expect(autoexecScript(options)).toContain('ifconf -c dhcp')
    expect(autoexecScript(options)).not.toMatch(/^dhcp\b/m)
    expect(bootScript(options)).not.toContain('ifconf')
  })
})
