import { Box, Text } from 'ink'
import type { ReactNode } from 'react'
import { colour, glyph } from './theme.ts'

export interface FrameProps {
  /** In characters. */
  readonly width: number
  readonly height: number
  /** Left in the title bar: the program and its version. */
  readonly title: string
  /** Right in the title bar: who this is. */
  readonly subtitle?: string
  /** The one sentence of what happens next, above the keys. */
  readonly next: ReactNode
  /** The keys that work now. */
  readonly keys: readonly Key[]
  readonly children: ReactNode
}

/** A key and what it does, in one word or two. */
export type Key = readonly [name: string, meaning: string]

/** A whole screen: title bar, content, and at its foot the next step and the keys. */
export function Frame({ width, height, title, subtitle = '', next, keys, children }: FrameProps) {
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Box backgroundColor={colour.bar} paddingX={1} justifyContent="space-between" flexShrink={0}>
        <Text bold color="white" wrap="truncate">
          {title}
        </Text>
        <Text color="white" wrap="truncate">
          {subtitle}
        </Text>
      </Box>
      <Box flexDirection="column" flexGrow={1} paddingX={2} paddingTop={1} overflow="hidden">
        {children}
      </Box>
      <Box flexShrink={0}>
        <Text dimColor>{glyph.rule.repeat(width)}</Text>
      </Box>
      <Box flexShrink={0} paddingX={2}>
        <Text bold wrap="truncate">
          {next}
        </Text>
      </Box>
      <Box flexShrink={0} paddingX={2}>
        <KeyLine keys={keys} />
      </Box>
    </Box>
  )
}

function KeyLine({ keys }: { readonly keys: readonly Key[] }) {
  return (
    <Text wrap="truncate">
      {keys.map(([name, meaning], index) => (
        <Text key={name}>
          {index > 0 ? '   ' : ''}
          <Text bold color={colour.accent}>
            {name}
          </Text>
          <Text> {meaning}</Text>
        </Text>
      ))}
    </Text>
  )
}
