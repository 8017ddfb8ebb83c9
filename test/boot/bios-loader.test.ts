/**
 * A BIOS whose boot ROM is not iPXE gets ours as its boot file. Every card that QEMU offers has iPXE in its ROM, so the ROM's
 * command line is told to load that file the way another ROM would: by TFTP, as a PXE boot program.
 */
import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { writeDemoEnvironment } from '../lab/demo-environment.ts'
import { demoParts, labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine, type Machine } from '../lab/machine.ts'

it('boots a BIOS machine through the boot loader we serve', async () => {
  const parts = await demoParts()
  await using lab = await openLab((directory) =>
    writeDemoEnvironment(directory, parts, { style: 'version1', ...labNetwork, timeout: -1, payloadBytes: 1024 }),
  )
  const mac = '52:54:00:b1:05:02'
  await using folder = await mkdtempDisposable(path.join(tmpdir(), 'bios-loader-'))
  const capture = path.join(folder.path, 'boot.pcap')
  await using machine = await bootMachine(lab.lan, { firmware: 'bios', mac, network: 'e1000', capture })
  await machine.waitForPrompt(/Press Ctrl-B for the iPXE command line/, 60)
  await machine.press('ctrl', 'b')
  await machine.waitForPrompt(/iPXE> ?$/, 60)
  await typeEchoed(machine, `dhcp && chain tftp://${labNetwork.address}/ipxe.pxe`)
  machine.type('\r')

  await lab.server.waitForStep(mac, 'loader', 120)
  await machine.waitFor(/iPXE 1\.\d+\.\d+\+git2025/, 60)
  await lab.server.waitForStep(mac, 'kernel', 120)
  await machine.waitFor(/^boottorrent: menu 1 system/, 120)
  expect(routerSolicitations(await readFile(capture), mac)).toBe(0)
}, 400_000)

/**
 * How often the machine asked for an IPv6 router between the requests of the loader and of the script: iPXE does so, and waits
 * for an answer, unless it is told to do without.
 */
function routerSolicitations(capture: Buffer, mac: string): number {
  const source = Buffer.from(mac.replaceAll(':', ''), 'hex')
  let count = 0
  let isLoaderRequested = false
  for (const frame of framesOf(capture)) {
    if (!frame.subarray(6, 12).equals(source)) continue
    if (frame.includes('ipxe.pxe')) isLoaderRequested = true
    // By HTTP, in a TCP segment.
    else if (frame.includes('GET /boot.ipxe')) return isLoaderRequested ? count : Number.NaN
    else if (isLoaderRequested && isRouterSolicitation(frame)) count += 1
  }
  return Number.NaN
}

/** Ethernet type IPv6, next header ICMPv6, type 133 (RFC 4861 §4.1). */
function isRouterSolicitation(frame: Buffer): boolean {
  return frame.length > 54 && frame.readUInt16BE(12) === 0x86dd && frame[20] === 58 && frame[54] === 133
}

/** The packets of a capture file: a header of 24 bytes, and 16 bytes before each packet, its length among them. */
function* framesOf(capture: Buffer): Generator<Buffer> {
  for (let at = 24; at + 16 <= capture.length; ) {
    const length = capture.readUInt32LE(at + 8)
    yield capture.subarray(at + 16, at + 16 + length)
    at += 16 + length
  }
}

/** Types as a person does who looks at the screen: a BIOS keeps 15 keys that nobody has read yet, and drops the others. */
async function typeEchoed(machine: Machine, text: string): Promise<void> {
  const step = 8
  for (let start = 0; start < text.length; start += step) {
    machine.type(text.slice(start, start + step))
    const typed = text
      .slice(0, start + step)
      .trimEnd()
      .replaceAll(/[^\w ]/g, '\\$&')
    await machine.waitForPrompt(new RegExp(`${typed} *$`), 60)
  }
}
