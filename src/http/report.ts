import type { ClientReport } from '../../client/contract.ts'
import { printable } from '../log.ts'
import { parseProgress } from './progress.ts'

const STEPS: readonly ClientReport['step'][] = [
  'phase1',
  'menu',
  'download',
  'progress',
  'complete',
  'seeding',
  'start',
  'failed',
  'trouble',
]

const DETAIL_LENGTH = 256

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** SMBIOS 7.2.1: all zeros or all ones say that a machine has none. */
const NO_UUID = /^[0-]+$|^[f-]+$/

/** Reads a report that a machine posted. A text is what is wrong with it. */
export function parseReport(body: string): ClientReport | string {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return 'The report is not JSON.'
  }
  if (typeof value !== 'object' || value === null) return 'The report is not an object.'
  const { mac, uuid, step, detail, progress } = value as Record<string, unknown>
  if (typeof mac !== 'string' || !/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac)) {
    return 'mac is not a MAC address like 52:54:00:12:34:56.'
  }
  const known = STEPS.find((one) => one === step)
  if (known === undefined) return `step is none of ${STEPS.join(', ')}.`
  if (typeof detail !== 'string') return 'detail is not a text.'
  const who = { mac: mac.toLowerCase(), ...parseUuid(uuid) }
  const report = { ...who, step: known, detail: printable(detail, DETAIL_LENGTH) }
  // Menus of older builds send words alone.
  if (progress === undefined) return report
  const numbers = parseProgress(progress)
  return typeof numbers === 'string' ? numbers : { ...report, progress: numbers }
}

/** Firmware writes anything there, and older menus send none: no report is refused for it. */
function parseUuid(uuid: unknown): Pick<ClientReport, 'uuid'> {
  const word = typeof uuid === 'string' ? uuid.toLowerCase() : ''
  return UUID.test(word) && !NO_UUID.test(word) ? { uuid: word } : {}
}
