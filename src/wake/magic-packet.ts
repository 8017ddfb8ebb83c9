/** The magic packet of Wake-on-LAN (AMD, publication 20213): six bytes of ones, then the MAC address sixteen times. */
export function magicPacket(mac: string): Uint8Array {
  const address = mac.split(':').map((byte) => Number.parseInt(byte, 16))
  return Uint8Array.from([...Array<number>(6).fill(0xff), ...Array.from({ length: 16 }, () => address).flat()])
}

/** The last address of the network: what is sent there leaves by the interface of that network, whatever the default route is. */
export function broadcastAddress({ address, netmask }: { readonly address: string; readonly netmask: string }): string {
  const mask = netmask.split('.').map(Number)
  const bytes = address.split('.').map((byte, index) => Number(byte) | (~(mask[index] ?? 255) & 0xff))
  return bytes.join('.')
}
