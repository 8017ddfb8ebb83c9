import { Box, Text } from 'ink'
import type { StatusMachine } from '../../status/index.ts'
import { colour, formatBytes, formatSpeed, glyph, percentage } from '../../ui/index.ts'
import { Events } from './Events.tsx'
import type { View } from './keys.ts'
import { MachineTable } from './MachineTable.tsx'
import type { Room } from './room.ts'
import { Tiles } from './Tiles.tsx'
import { type MachineState, stateOf } from './words.ts'

export interface RoomScreenProps {
  readonly room: Room
  readonly view: View
  /** Those to be shown, in order. */
  readonly machines: readonly StatusMachine[]
  readonly selected: string | undefined
  readonly now: number
  readonly width: number
  readonly height: number
}

/** Totals, swarms, machines, and the last events. */
export function RoomScreen({ room, view, machines, selected, now, width, height }: RoomScreenProps) {
  const most = Math.max(1, Math.floor(height / 8))
  const swarms = room.swarms.slice(0, room.swarms.length > most ? most - 1 : most)
  const hidden = room.swarms.length - swarms.length
  const swarmRows = swarms.length + (hidden > 0 ? 1 : 0)
  const events = Math.min(10, Math.max(2, Math.floor(height / 4)))
  const isNarrow = width < 110
  const rows = height - (isNarrow ? 3 : 2) - swarmRows - 1 - events
  return (
    <Box flexDirection="column">
      <Text wrap="truncate">
        <Totals room={room} />
        {isNarrow ? null : ` ${glyph.dot} `}
        {isNarrow ? null : <Traffic room={room} />}
      </Text>
      {isNarrow ? <Traffic room={room} /> : null}
      {swarms.map(({ infoHash, displayName, bytes, complete, incomplete, uploaded }) => (
        <Text key={infoHash} wrap="truncate">
          <Text bold>{displayName}</Text>
          {` ${formatBytes(bytes)} ${glyph.dot} ${complete} have it, ${incomplete} want it`}
          {` ${glyph.dot} ${formatBytes(uploaded)} sent by the server`}
        </Text>
      ))}
      {hidden > 0 ? <Text dimColor>{`and ${hidden} more systems`}</Text> : null}
      <Box marginTop={1} flexDirection="column" height={rows} flexShrink={0}>
        {view.layout === 'tiles' ? (
          <Tiles {...{ machines, selected, width, rows }} />
        ) : (
          <MachineTable {...{ machines, selected, now, width, rows }} />
        )}
      </Box>
      <Text dimColor>{glyph.rule.repeat(width)}</Text>
      <Events room={room} rows={events} width={width} />
    </Box>
  )
}

/** Several states are one in the totals, which name them in this order. */
const counted: { readonly [state in MachineState]: string } = {
  stuck: 'stuck',
  failed: 'failed',
  dhcp: 'starting',
  loader: 'starting',
  kernel: 'starting',
  phase1: 'starting',
  menu: 'in the menu',
  download: 'downloading',
  seeding: 'seeding',
  started: 'booted',
}

/** `24 machines: 1 stuck, 12 downloading, 11 booted`. */
function Totals({ room }: { readonly room: Room }) {
  const booting = [...room.machines.values()].filter(({ isBooting }) => isBooting)
  const counts = new Map<string, number>()
  for (const machine of booting) {
    const words = counted[stateOf(machine)]
    counts.set(words, (counts.get(words) ?? 0) + 1)
  }
  const parts = [...new Set(Object.values(counted))].filter((words) => counts.has(words))
  return (
    <Text>
      <Text bold>{booting.length === 1 ? '1 machine' : `${booting.length} machines`}</Text>
      {parts.map((words, index) => (
        <Text key={words} {...(words === 'stuck' || words === 'failed' ? { color: colour.bad } : {})}>
          {`${index === 0 ? ': ' : ', '}${counts.get(words)} ${words}`}
        </Text>
      ))}
    </Text>
  )
}

/** `server 24 MB/s · neighbours 61 MB/s (72 %)`. */
function Traffic({ room }: { readonly room: Room }) {
  const { server = 0, peers = 0 } = room.traffic ?? {}
  return (
    <Text wrap="truncate">
      {'server '}
      <Text color={colour.warning}>{formatSpeed(server)}</Text>
      {` ${glyph.dot} neighbours `}
      <Text color={colour.good}>{formatSpeed(peers)}</Text>
      {server + peers > 0 ? ` (${percentage(peers, server + peers)} %)` : ''}
    </Text>
  )
}
