import { useInput } from 'ink'
import type { StatusMachineDetail } from '../../status/index.ts'
import { Frame, formatDuration, type Key } from '../../ui/index.ts'
import { HelpScreen } from './HelpScreen.tsx'
import type { Press, Shown, View } from './keys.ts'
import { chosen } from './keys.ts'
import { MachineScreen } from './MachineScreen.tsx'
import { arrange } from './order.ts'
import { RoomScreen } from './RoomScreen.tsx'
import type { Room } from './room.ts'
import { tilesPerRow } from './Tiles.tsx'
import { toPresses } from './typed.ts'

export interface AppProps {
  readonly room: Room
  readonly view: View
  /** Milliseconds since 1970. */
  readonly now: number
  /** In characters. */
  readonly columns: number
  readonly rows: number
  /** What was asked for and what came of it; '' when nothing was. */
  readonly notice: string
  /** The machine that is open, with its timeline. */
  readonly detail: StatusMachineDetail | undefined
  readonly onPress: (press: Press, shown: Shown) => void
}

/** Lines of the frame that are not content: title bar, a blank one, rule, next step, keys. */
const FRAME_ROWS = 5
const FRAME_COLUMNS = 4
/** Smaller terminals show a part of it. */
const LEAST = { columns: 40, rows: 12 }

/** The whole dashboard. */
export function App(props: AppProps) {
  const { room, view, now, detail, onPress } = props
  const columns = Math.max(LEAST.columns, props.columns)
  const rows = Math.max(LEAST.rows, props.rows)
  const width = columns - FRAME_COLUMNS
  const height = rows - FRAME_ROWS
  const machines = arrange(room.machines.values(), view.sort, view.filter)
  const order = machines.map(({ mac }) => mac)
  const selected = chosen(view, order)
  const perRow = view.layout === 'tiles' ? tilesPerRow(width) : 1
  const shown: Shown = { order, perRow, page: Math.max(1, Math.floor(height / 2)) }
  useInput((input, key) => {
    for (const press of toPresses(input, key)) onPress(press, shown)
  })
  const { program, interface: name, address, startedAt } = room.server
  return (
    <Frame
      width={columns}
      height={rows}
      title={`boottorrent ${program}`}
      subtitle={[name, address, `up ${formatDuration((now - startedAt) / 1000)}`].filter(Boolean).join(' · ')}
      next={nextOf(props, selected)}
      keys={keysOf(view, columns)}
    >
      {view.screen === 'help' ? <HelpScreen width={width} height={height} page={room.page} /> : null}
      {view.screen === 'machine' ? (
        <MachineScreen detail={detail} now={now} width={width} height={height} scroll={view.scroll} />
      ) : null}
      {view.screen === 'room' ? <RoomScreen {...{ room, view, machines, selected, now, width, height }} /> : null}
    </Frame>
  )
}

/** The one sentence above the keys. */
function nextOf({ room, view, notice }: AppProps, selected: string | undefined): string {
  if (view.isTyping) return `Filter: ${view.filter}_   (name, MAC, address, firmware, state, system; Escape shows all)`
  if (view.isQuitting) {
    const count = [...room.machines.values()].filter(({ phase }) => isUnderWay.has(phase)).length
    const who = count === 1 ? '1 machine needs it now' : `${count} machines need it now`
    return `Press q once more to stop the server${count === 0 ? '' : `: ${who}`}.`
  }
  if (room.work !== undefined) return room.work
  if (notice !== '') return notice
  if (room.machines.size === 0) return 'Switch a machine on that boots from the network.'
  if (view.screen !== 'room') return ''
  // A row has no place for a whole reason.
  const reason = selected === undefined ? undefined : room.machines.get(selected)?.stuck?.reason
  if (reason !== undefined) return reason
  const filter = view.filter === '' ? '' : `, only "${view.filter}" (Escape shows all)`
  return `Sorted by ${view.sort}${filter}.`
}

const isUnderWay: ReadonlySet<string> = new Set(['loader', 'kernel', 'phase1', 'download', 'seeding'])

function keysOf(view: View, columns: number): Key[] {
  if (view.isTyping)
    return [
      ['Enter', 'keep'],
      ['Escape', 'show all'],
    ]
  const quit: Key = ['q', 'quit']
  if (view.screen === 'help') return [['Escape', 'back'], quit]
  if (view.screen === 'machine') return [['Escape', 'back'], ['↑ ↓', 'scroll'], ['w', 'wake'], quit]
  const keys: Key[] = [
    ['Enter', 'open'],
    ['s', 'sort'],
    ['/', 'filter'],
    ['v', view.layout === 'list' ? 'tiles' : 'list'],
  ]
  const wide: Key[] = columns < 100 ? [] : [['r', 'reload']]
  return [...keys, ['w', 'wake'], ...wide, ['?', 'help'], quit]
}
