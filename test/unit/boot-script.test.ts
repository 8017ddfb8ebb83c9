import { describe, expect, it } from 'vitest'
import { autoexecScript, bootScript } from '../../src/boot-script.ts'

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

  it.each(['686', '686-pae', 'amd64'])(
    'loads the kernel %s with its own drivers and with what all share',
    (flavour) => {
      const lines = section(bootScript(options), flavour)
      expect(lines[0]).toMatch(`/vmlinuz-${flavour} `)
      const asked = lines.flatMap((line) => /^initrd \$\{base\}\/(\S+)/.exec(line)?.[1] ?? [])
      expect(asked).toEqual([
        'base.cpio.xz',
        'environment.img',
        `drivers-${flavour}.cpio.xz`,
        `other-drivers/${flavour}/\${netX/busid:hexhyp}`,
      ])
    },
  )

  it('boots without drivers for a card that the server does not know', () => {
    const line = section(bootScript(options), 'amd64').find((text) => text.includes('other-drivers'))
    expect(line).toMatch(/ \|\|$/)
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

  it('fetches by TFTP for a PCnet card, at every attempt', () => {
    const lines = section(bootScript(options), 'start')
    expect(lines.slice(0, 2)).toEqual([
      'set base http://192.0.2.1:8000',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: iPXE replaces it
      'iseq ${netX/busid:hexhyp} 01-10-22-20-00 && set base tftp://192.0.2.1 ||',
    ])
    expect(section(bootScript(options), 'failed').at(-2)).toBe('goto start')
  })

  it('jumps only to labels that are there, whatever fails', () => {
    for (const script of [bootScript(options), autoexecScript(options)]) {
      const labels = new Set([...script.matchAll(/^:([\w-]+)$/gm)].map(([, label]) => label))
      const targets = [...script.matchAll(/goto ([\w-]+)/g)].map(([, label]) => label)
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
