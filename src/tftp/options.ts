import type { Option } from './packet.ts'

/** What the two sides agreed on: RFC 2348 (blksize), RFC 2349 (tsize, timeout), RFC 7440 (windowsize). */
export interface Agreement {
  /** Bytes of data in every block but the last. */
  readonly blockSize: number
  /** Blocks that are sent before an acknowledgement is awaited. */
  readonly windowSize: number
  /** Seconds before an unanswered packet is sent again, when the client chose. */
  readonly timeout: number | undefined
  /** Whether the client asked for the file's size: what a size probe does. */
  readonly sizeAsked: boolean
  /** The options to confirm, in the client's order and spelling. When there are none, no OACK is sent. */
  readonly confirmed: readonly Option[]
}

export interface AgreementLimits {
  /** Largest block in bytes that the network carries in one piece. */
  readonly blockSize: number
  /** Largest window in blocks. */
  readonly windowSize: number
}

/** RFC 1350: without options a block is 512 bytes, and each is acknowledged. */
const DEFAULT_BLOCK_SIZE = 512

/** Chooses for one file of `size` bytes. A value that is not allowed is ignored as if the option were not there; so is an option's second mention. */
export function agree(options: readonly Option[], size: number, limits: AgreementLimits): Agreement {
  let blockSize = DEFAULT_BLOCK_SIZE
  let windowSize = 1
  let timeout: number | undefined
  let sizeAsked = false
  const confirmed: Option[] = []
  const seen = new Set<string>()

  for (const { name, value } of options) {
    const option = name.toLowerCase()
    if (seen.has(option)) continue
    seen.add(option)
    switch (option) {
      case 'blksize': {
        const asked = wholeNumber(value, 8, 65464)
        if (asked === undefined) continue
        blockSize = Math.min(asked, limits.blockSize)
        confirmed.push({ name, value: String(blockSize) })
        break
      }
      case 'windowsize': {
        const asked = wholeNumber(value, 1, 65535)
        if (asked === undefined) continue
        windowSize = Math.min(asked, limits.windowSize)
        confirmed.push({ name, value: String(windowSize) })
        break
      }
      case 'timeout': {
        // RFC 2349: the value is confirmed as it is, or not at all.
        timeout = wholeNumber(value, 1, 255)
        if (timeout !== undefined) confirmed.push({ name, value: String(timeout) })
        break
      }
      case 'tsize': {
        // Clients send 0; some send a size they remember. Either way the answer is the file's.
        if (wholeNumber(value, 0, Number.MAX_SAFE_INTEGER) === undefined) continue
        sizeAsked = true
        confirmed.push({ name, value: String(size) })
        break
      }
    }
  }
  return { blockSize, windowSize, timeout, sizeAsked, confirmed }
}

function wholeNumber(text: string, least: number, most: number): number | undefined {
  if (!/^\d{1,16}$/.test(text)) return undefined
  const value = Number(text)
  return value >= least && value <= most ? value : undefined
}
