import type { LinkState } from '../index.ts'

export interface Adapter {
  /** As people see it: `Ethernet 2`. */
  readonly name: string
  readonly state: LinkState | undefined
  /** In bytes. */
  readonly mtu: number | undefined
}

/** Values of MSFT_NetAdapter. */
const ADMIN_STATUS_DOWN = 2
const MEDIA_CONNECTED = 1
const MEDIA_DISCONNECTED = 2

/** Reads Get-NetAdapter's properties as ConvertTo-Json writes them: a list of objects, or the only object without a list. */
export function readAdapters(text: string): Adapter[] {
  return listIn(text).flatMap((one) => {
    const { Name: name, InterfaceAdminStatus: admin, MediaConnectState: media, MtuSize: mtu } = Object(one)
    if (typeof name !== 'string') return []
    return [{ name, state: stateOf(admin, media), mtu: typeof mtu === 'number' && mtu > 0 ? mtu : undefined }]
  })
}

function listIn(text: string): unknown[] {
  try {
    return [JSON.parse(text)].flat()
  } catch {
    return []
  }
}

function stateOf(admin: unknown, media: unknown): LinkState | undefined {
  if (admin === ADMIN_STATUS_DOWN) return 'off'
  if (media === MEDIA_DISCONNECTED) return 'unplugged'
  return media === MEDIA_CONNECTED ? 'up' : undefined
}
