import { Box, Text } from 'ink'
import { cleanText, Facts, formatBytes, glyph, Menu, type MenuItem } from '../../src/ui/index.ts'
import type { MenuEntry } from './menu-entries.ts'
import { isTooLarge } from './room.ts'
import type { Section } from './state.ts'

export interface MenuScreenProps {
  readonly entries: readonly MenuEntry[]
  readonly selected: number
  /** In characters. */
  readonly width: number
  /** Lines for the entries. */
  readonly rows: number
}

/** Every system with its size and the memory that it takes. */
export function MenuScreen({ entries, selected, width, rows }: MenuScreenProps) {
  return (
    <Box flexDirection="column">
      <Box justifyContent="space-between">
        <Text bold>Choose a system</Text>
        <Text dimColor>{`${'Size'.padStart(SIZE_WIDTH)}  ${'Memory'.padStart(NEED_WIDTH)} `}</Text>
      </Box>
      <Box marginTop={1}>
        <Menu width={width} rows={rows} items={entries.map(toItem)} selected={selected} />
      </Box>
    </Box>
  )
}

const SIZE_WIDTH = '999 MB'.length
const NEED_WIDTH = `${glyph.failed} 999 MB`.length

function toItem(entry: MenuEntry): MenuItem {
  const isWarning = isTooLarge(entry)
  const size = formatBytes(entry.os.bytes).padStart(SIZE_WIDTH)
  const need = `${isWarning ? `${glyph.failed} ` : ''}${formatBytes(entry.need)}`.padStart(NEED_WIDTH)
  const note = entry.mark === '' ? '' : `(${entry.mark})`
  return { label: cleanText(entry.os.displayName, 60), note, detail: `${size}  ${need}`, isWarning }
}

export function DetailsScreen({ sections }: { readonly sections: readonly Section[] }) {
  return (
    <Box flexDirection="column">
      {sections.map(({ title, facts }) => (
        <Box key={title} flexDirection="column">
          <Text bold>{title}</Text>
          <Facts nameWidth={12} facts={facts.map(([name, value]) => [`  ${name}`, cleanText(value, 120)] as const)} />
        </Box>
      ))}
    </Box>
  )
}
