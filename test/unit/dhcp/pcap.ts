/** Reads the UDP packets of the captures in test/fixtures/pcap. */
import { readdirSync, readFileSync } from 'node:fs'

const folder = new URL('../../fixtures/pcap/', import.meta.url)

export interface Datagram {
  readonly file: string
  readonly sourcePort: number
  readonly targetPort: number
  readonly payload: Uint8Array
}

export function readCapture(file: string): Datagram[] {
  const bytes = readFileSync(new URL(file, folder))
  const datagrams: Datagram[] = []
  for (let offset = 24; offset < bytes.length; ) {
    const length = bytes.readUInt32LE(offset + 8)
    const frame = bytes.subarray(offset + 16, offset + 16 + length)
    offset += 16 + length
    if (frame.readUInt16BE(12) !== 0x0800 || frame[23] !== 17) continue
    const udp = frame.subarray(14 + ((frame[14] as number) & 15) * 4)
    const payload = udp.subarray(8, udp.readUInt16BE(4))
    datagrams.push({ file, sourcePort: udp.readUInt16BE(0), targetPort: udp.readUInt16BE(2), payload })
  }
  return datagrams
}

/** Every DHCP packet of every capture. */
export function capturedDhcp(): Datagram[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.pcap'))
  const isDhcp = ({ sourcePort, targetPort }: Datagram) =>
    [67, 68].includes(sourcePort) && [67, 68].includes(targetPort)
  return files.sort().flatMap(readCapture).filter(isDhcp)
}
