import { Box, Text } from 'ink'

export interface FactsProps {
  /** In characters, of the column of names. */
  readonly nameWidth: number
  readonly facts: readonly (readonly [name: string, value: string])[]
}

/** Names and values, one pair a line. */
export function Facts({ nameWidth, facts }: FactsProps) {
  return (
    <Box flexDirection="column">
      {facts.map(([name, value]) => (
        <Text key={name} wrap="truncate">
          {name.padEnd(nameWidth)}
          <Text bold>{value}</Text>
        </Text>
      ))}
    </Box>
  )
}
