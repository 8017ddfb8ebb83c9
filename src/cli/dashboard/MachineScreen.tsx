import { Box, Text } from 'ink'
import type { StatusMachineDetail, StatusStep } from '../../status/index.ts'
import { colour, Facts, formatBytes, formatSpeed, glyph, ProgressBar, wrapText } from '../../ui/index.ts'
import { neighboursPercent, stepWords, timeOfDay, toneOf } from './words.ts'

export interface MachineScreenProps {
  readonly detail: StatusMachineDetail | undefined
  readonly now: number
  readonly width: number
  readonly height: number
  /** Steps to leave out at the foot of the timeline. */
  readonly scroll: number
}

/** All that is known of one machine, and its timeline. */
export function MachineScreen({ detail, now, width, height, scroll }: MachineScreenProps) {
  if (detail === undefined) return <Text>This machine is not remembered any more.</Text>
  const tone = toneOf(detail)
  const state = wrapText(stepWords(detail, now), width).slice(0, 3)
  const facts = factsOf(detail)
  const { progress, timeline } = detail
  const used = 1 + state.length + (progress === null ? 0 : 1) + 1 + facts.length + 2
  const rows = Math.max(1, height - used)
  const end = Math.max(Math.min(rows, timeline.length), timeline.length - scroll)
  return (
    <Box flexDirection="column">
      <Text bold>{detail.name ?? detail.mac}</Text>
      {state.map((line) => (
        <Text key={line} {...(tone === undefined ? {} : { color: colour[tone] })}>
          {line}
        </Text>
      ))}
      {progress === null ? null : <ProgressBar width={Math.min(60, width)} percent={progress.percent} />}
      <Box marginTop={1}>
        <Facts nameWidth={20} facts={facts} />
      </Box>
      <Box marginTop={1} flexDirection="column">
        <Text dimColor>{timelineTitle(timeline.length, end, rows)}</Text>
        {timeline.slice(Math.max(0, end - rows), end).map((step, index) => (
          // Steps repeat: their place is all that tells them apart.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <Step key={index} step={step} />
        ))}
      </Box>
    </Box>
  )
}

function timelineTitle(count: number, end: number, rows: number): string {
  const above = end > rows ? ` ${glyph.more.above}` : ''
  const below = end < count ? ` ${glyph.more.below}` : ''
  return `Timeline, ${count === 1 ? '1 step' : `${count} steps`}${above}${below}`
}

function Step({ step: { time, step, detail, source } }: { readonly step: StatusStep }) {
  const isBad = step === 'failed' || step === 'trouble'
  return (
    <Text wrap="truncate">
      <Text dimColor>{timeOfDay(time)}</Text>
      <Text bold {...(isBad ? { color: colour.bad } : {})}>{`  ${step.padEnd(10)}`}</Text>
      {/* What a machine says of itself is a hint, not a fact. */}
      <Text dimColor>{source === 'client' ? 'says  ' : '      '}</Text>
      {detail}
    </Text>
  )
}

function factsOf(machine: StatusMachineDetail): (readonly [string, string])[] {
  const { mac, uuid, address, firmware, boot, progress, received } = machine
  const facts: (readonly [string, string])[] = [
    ['MAC', mac],
    ...(uuid === null ? [] : [['UUID', uuid] as const]),
    ['Address', address ?? '-'],
    ['Firmware', firmware ?? '-'],
    ['Boot', `number ${boot.number}${boot.seconds === null ? '' : `, ${Math.round(boot.seconds)} s to its system`}`],
    ['Sent by the server', formatBytes(received)],
  ]
  if (progress === null) return facts
  const { done, total, down, up, fromServer, fromPeers, peers } = progress
  const neighbours = peers.filter(({ id }) => id !== 'server').length
  const share = neighboursPercent(machine)
  const percent = share === undefined ? '' : ` (${share} %)`
  return [
    ...facts,
    ['Received', `${formatBytes(done)} of ${formatBytes(total)}`],
    ['Speed', `${formatSpeed(down)} in, ${formatSpeed(up)} out, ${neighbours} neighbours`],
    [
      'It says it got',
      `${formatBytes(fromServer)} from the server, ${formatBytes(fromPeers)} from neighbours${percent}`,
    ],
  ]
}
