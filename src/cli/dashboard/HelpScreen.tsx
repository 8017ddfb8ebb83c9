import { Box, Text } from 'ink'
import { Facts } from '../../ui/index.ts'

const keys: readonly (readonly [string, string])[] = [
  ['↑ ↓ PgUp PgDn', 'choose a machine (also j and k; ← → among tiles)'],
  ['Enter', 'open its timeline; Escape goes back'],
  ['s', 'sort by state, name, progress, speed or address'],
  ['/', 'filter by name, MAC, address, firmware, state or system'],
  ['v', 'rows or tiles: a hundred machines at a glance'],
  ['w', 'wake the chosen machine (Wake-on-LAN)'],
  ['r', 'read the environment again'],
  ['Ctrl+L', 'draw everything again'],
  ['q q, Ctrl+C', 'stop the server'],
]

export interface HelpScreenProps {
  readonly width: number
  readonly height: number
  /** Address of the web page. */
  readonly page: string | undefined
}

/** The keys, what the columns mean, and where the web page is: an event line is too short for that. */
export function HelpScreen({ width, height, page }: HelpScreenProps) {
  return (
    <Box flexDirection="column" width={width} height={height} overflow="hidden">
      <Facts nameWidth={16} facts={keys} />
      <Box marginTop={1} flexDirection="column">
        <Text wrap="wrap">
          Nbrs is the part of a machine's bytes that came from its neighbours; what a machine says of itself is a hint.
          In a wide terminal rows show more.
        </Text>
        {page === undefined ? null : <Text wrap="hard">{`In a browser:\n${page}`}</Text>}
      </Box>
    </Box>
  )
}
