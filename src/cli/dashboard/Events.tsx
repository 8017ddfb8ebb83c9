import { Box, Text } from 'ink'
import type { LogLevel } from '../../log.ts'
import { cell } from './cell.ts'
import type { Room } from './room.ts'
import { timeOfDay } from './words.ts'

export interface EventsProps {
  readonly room: Room
  readonly rows: number
  readonly width: number
}

const colours: { readonly [level in LogLevel]?: string } = { warn: 'yellow', error: 'red' }
const NAME_WIDTH = 17

/** The last things that happened, the newest at the foot. */
export function Events({ room, rows, width }: EventsProps) {
  return (
    <Box flexDirection="column" height={rows} flexShrink={0}>
      {room.lines.slice(-rows).map(({ id, time, level, mac, text }) => {
        const color = colours[level]
        const name = mac === undefined ? '' : (room.machines.get(mac)?.name ?? mac)
        const who = mac === undefined ? '' : `${cell(name, Math.min(NAME_WIDTH, name.length))}  `
        return (
          <Text key={id} wrap="truncate">
            <Text dimColor>{timeOfDay(time)}</Text>
            {'  '}
            <Text bold>{who}</Text>
            <Text {...(color === undefined ? {} : { color })}>{text.slice(0, width)}</Text>
          </Text>
        )
      })}
    </Box>
  )
}
