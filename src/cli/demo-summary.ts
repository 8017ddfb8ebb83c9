/** What a demo came to, as a picture of characters. */
import { centralFloorSeconds, floorSeconds } from '../demo/figures.ts'
import type { Lesson } from '../demo/index.ts'
import { formatBytes, formatDuration } from '../ui/format.ts'
import { glyph } from '../ui/theme.ts'
import type { DemoRoom } from './demo-options.ts'

export interface DemoOutcome {
  readonly room: DemoRoom
  readonly lesson: Lesson
  /** Seconds that one server took which gave everything; undefined when that was left out. */
  readonly centralSeconds: number | undefined
}

/** What scripts read; see `demo --json`. Sizes in bytes, speeds in bits per second. */
export function summaryFields({ room, lesson, centralSeconds }: DemoOutcome) {
  const { clients, uplink, link, bytes } = room
  const { booted, seconds, serverBytes, fromPeers, damaged, repeated, virtual } = lesson
  return {
    ...{ clients, booted, seconds, imageBytes: bytes, serverBytes, peerBytes: fromPeers },
    /** Real machines in QEMU, which `clients` and `booted` do not count. */
    vm: virtual,
    /** Bytes of the server ÷ image. */
    serverRatio: serverBytes / bytes,
    /** Null with real machines, whose cables have no limit. */
    floorSeconds: virtual.wanted > 0 ? null : floorSeconds(clients, bytes, { host: uplink, machine: link }),
    centralSeconds: centralSeconds ?? null,
    /** How many times as fast sharing was. */
    speedup: centralSeconds === undefined ? null : centralSeconds / seconds,
    ...{ uplink, link, damagedPieces: damaged, repeatedQuestions: repeated },
    memoryBytes: process.resourceUsage().maxRSS * 1024,
  }
}

const BAR = 44
/** From there on the machines' thread is at work nearly all the time. */
const FULL_LOAD = 0.85
/** What is slower than this many times the floor was not slowed down by the cables. */
const NEAR_FLOOR = 1.25

/** The lines for a person. */
export function summaryLines(outcome: DemoOutcome, paint: (code: number, text: string) => string): string[] {
  const { room, lesson, centralSeconds } = outcome
  const { clients, uplink, link, bytes } = room
  const { seconds, serverBytes, booted } = lesson
  const longest = Math.max(seconds, centralSeconds ?? 0)
  const bar = (value: number) => glyph.full.repeat(Math.max(1, Math.round((value / longest) * BAR)))
  const row = (what: string, value: number, code: number, sent: string) => [
    `  ${what.padEnd(11)}${paint(code, bar(value))} ${tenths(value)}`,
    `  ${' '.repeat(11)}${paint(2, sent)}`,
  ]
  const times = (sent: number) => `the server sent ${formatBytes(sent)}: ${(sent / bytes).toFixed(1)} times the image`
  const cables = `Cable of the server ${speed(uplink)}, of a machine ${speed(link)}`
  const lines = [
    '',
    paint(1, `${clients} machine${clients === 1 ? '' : 's'}, ${formatBytes(bytes)} for each`),
    cables,
    '',
    ...row('shared', seconds, 32, times(serverBytes)),
  ]
  if (centralSeconds !== undefined) lines.push('', ...row('one server', centralSeconds, 33, times(bytes * booted)))
  const { virtual } = lesson
  const floor = floorSeconds(clients, bytes, { host: uplink, machine: link })
  lines.push('')
  if (centralSeconds === undefined) {
    const expected = centralFloorSeconds(clients, bytes, { host: uplink, machine: link })
    lines.push(`  One server alone would take ${formatDuration(expected)} at best (--central shows it).`)
  } else {
    const isFaster = seconds <= centralSeconds
    const [faster, slower] = isFaster ? ['Sharing', 'one server'] : ['One server', 'sharing']
    lines.push(
      `  ${faster} was ${(longest / Math.min(seconds, centralSeconds)).toFixed(1)} times as fast as ${slower}.`,
    )
  }
  if (virtual.wanted > 0) lines.push(...virtualLines(virtual, paint))
  else lines.push(`  No way of sharing takes less than ${tenths(floor)} with these cables.`)
  if (lesson.load > FULL_LOAD && seconds > floor * NEAR_FLOOR) {
    lines.push('  The processor of this computer was the limit, not the cables:')
    lines.push('  fewer --clients or a slower --uplink show more.')
  }
  if (booted < clients) lines.push(`  ${paint(31, `${clients - booted} of ${clients} machines did not boot.`)}`)
  return [...lines, '']
}

function virtualLines({ wanted, booted }: Lesson['virtual'], paint: (code: number, text: string) => string): string[] {
  const told = `${booted} of ${wanted} real machine${wanted === 1 ? '' : 's'} (QEMU) booted among them.`
  return [
    `  ${booted < wanted ? paint(31, told) : told}`,
    '  Their cables have no limit: times to compare come without --vm.',
  ]
}

function tenths(seconds: number): string {
  return seconds < 60 ? `${seconds.toFixed(1)} s` : formatDuration(seconds)
}

/** As `20 Mbit/s`. */
export function speed(bitsPerSecond: number): string {
  const [divisor, unit] =
    bitsPerSecond >= 1e9 ? [1e9, 'Gbit/s'] : bitsPerSecond >= 1e6 ? [1e6, 'Mbit/s'] : [1e3, 'kbit/s']
  return `${Number((bitsPerSecond / divisor).toFixed(1))} ${unit}`
}
