import { Text } from 'ink'
import { colour, glyph } from './theme.ts'

export interface ProgressBarProps {
  /** In characters, the percentage at its end included. */
  readonly width: number
  /** 0 to 100. */
  readonly percent: number
  readonly tone?: keyof typeof colour
}

const NUMBER_WIDTH = ' 100 %'.length

/** A bar with its percentage. */
export function ProgressBar({ width, percent, tone = 'accent' }: ProgressBarProps) {
  const cells = Math.max(1, width - NUMBER_WIDTH)
  const filled = Math.round((cells * Math.min(100, Math.max(0, percent))) / 100)
  return (
    <Text>
      <Text color={colour[tone]}>{glyph.full.repeat(filled)}</Text>
      <Text dimColor>{glyph.empty.repeat(cells - filled)}</Text>
      <Text bold>{`${percent} %`.padStart(NUMBER_WIDTH)}</Text>
    </Text>
  )
}
