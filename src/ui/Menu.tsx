import { Box, Text } from 'ink'
import { colour, glyph } from './theme.ts'

export interface MenuProps {
  readonly width: number
  /** How many lines there are for entries; the list scrolls when it is longer. */
  readonly rows: number
  readonly items: readonly MenuItem[]
  readonly selected: number
}

export interface MenuItem {
  readonly label: string
  /** Behind the label, never cut. */
  readonly note?: string
  /** At the right edge: a size, a state. */
  readonly detail: string
  /** Something is wrong with it. */
  readonly isWarning?: boolean
}

/** A list with one entry selected. The first nine are numbered. */
export function Menu({ width, rows, items, selected }: MenuProps) {
  const first = firstVisible(items.length, rows, selected)
  const visible = items.slice(first, first + rows)
  return (
    <Box flexDirection="column" width={width}>
      {visible.map((item, offset) => {
        const index = first + offset
        const hidden = offset === 0 && first > 0 ? glyph.more.above : ''
        const more = offset === rows - 1 && index < items.length - 1 ? glyph.more.below : ''
        return (
          <Entry
            key={index}
            width={width}
            item={item}
            number={index < 9 ? String(index + 1) : ' '}
            isSelected={index === selected}
            mark={hidden || more || ' '}
          />
        )
      })}
    </Box>
  )
}

interface EntryProps {
  readonly width: number
  readonly item: MenuItem
  readonly number: string
  readonly isSelected: boolean
  /** Says that the list goes on above or below. */
  readonly mark: string
}

function Entry({ width, item, number, isSelected, mark }: EntryProps) {
  return (
    <Box width={width}>
      <Box flexShrink={0}>
        <Text>{mark} </Text>
      </Box>
      <Box flexGrow={1} justifyContent="space-between" {...(isSelected ? { backgroundColor: colour.accent } : {})}>
        <Text wrap="truncate" {...(isSelected ? { color: 'black' } : {})}>
          {isSelected ? ` ${glyph.pointer} ` : '   '}
          {number} {item.label}
        </Text>
        {item.note ? (
          <Box flexShrink={0} flexGrow={1}>
            <Text {...(isSelected ? { color: 'black' } : { dimColor: true })}> {item.note}</Text>
          </Box>
        ) : null}
        <Box flexShrink={0}>
          <Text {...(isSelected ? { color: 'black' } : item.isWarning ? { color: colour.warning } : {})}>
            {' '}
            {item.detail}{' '}
          </Text>
        </Box>
      </Box>
    </Box>
  )
}

/** The first entry to show, so that the selected one is in view and the list fills its place. */
export function firstVisible(count: number, rows: number, selected: number): number {
  const last = Math.max(0, count - rows)
  return Math.min(last, Math.max(0, selected - Math.floor(rows / 2)))
}
