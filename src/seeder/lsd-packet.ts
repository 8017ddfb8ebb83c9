/** Where local peer discovery takes place (BEP 14). */
export const LSD_GROUP = '239.192.152.143'
export const LSD_PORT = 6771

/** Info-hashes that fit into one datagram of 1400 bytes. */
export const HASHES_PER_PACKET = 20
const LONGEST_PACKET = 1500

export interface LsdAnnounce {
  /** TCP port on which the sender accepts connections. */
  readonly port: number
  /** 40 hexadecimal digits each, in small letters. */
  readonly infoHashes: readonly string[]
  /** By which a sender knows its own announces. */
  readonly cookie: string | undefined
}

export function encodeLsd({ port, infoHashes, cookie }: LsdAnnounce): Buffer {
  const lines = [
    'BT-SEARCH * HTTP/1.1',
    `Host: ${LSD_GROUP}:${LSD_PORT}`,
    `Port: ${port}`,
    ...infoHashes.map((infoHash) => `Infohash: ${infoHash}`),
    ...(cookie === undefined ? [] : [`cookie: ${cookie}`]),
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n\r\n`)
}

/** Undefined for what is no announce. */
export function decodeLsd(packet: Buffer): LsdAnnounce | undefined {
  if (packet.length > LONGEST_PACKET) return undefined
  const [first, ...lines] = packet.toString('latin1').split('\r\n')
  if (first !== 'BT-SEARCH * HTTP/1.1') return undefined
  const fields = lines.flatMap((line) => {
    const [, name, value] = /^([\w-]+): *(.*)$/.exec(line) ?? []
    return name === undefined || value === undefined ? [] : [{ name: name.toLowerCase(), value }]
  })
  const valuesOf = (wanted: string) => fields.filter(({ name }) => name === wanted).map(({ value }) => value)
  const port = Number(valuesOf('port')[0])
  const infoHashes = valuesOf('infohash')
    .filter((value) => /^[0-9a-f]{40}$/i.test(value))
    .map((value) => value.toLowerCase())
  if (!Number.isInteger(port) || port < 1 || port > 65535 || infoHashes.length === 0) return undefined
  return { port, infoHashes, cookie: valuesOf('cookie')[0] }
}
