import { useInput } from 'ink'
import { cleanText, Frame, formatBytes, formatSpeed, glyph, Notice, wrapText } from '../../src/ui/index.ts'
import { DownloadScreen } from './download-screen.tsx'
import { footer } from './footer.ts'
import { toKeyPresses } from './keys.ts'
import type { MenuEntry } from './menu-entries.ts'
import { DetailsScreen, MenuScreen } from './menu-screen.tsx'
import { countOf, nameOf } from './naming.ts'
import type { Identity, KeyPress, State } from './state.ts'

export interface AppProps {
  readonly version: string
  readonly identity: Identity
  readonly entries: readonly MenuEntry[]
  /** Whether people may have a shell at all. */
  readonly hasShell: boolean
  readonly state: State
  /** In characters. */
  readonly columns: number
  readonly rows: number
  readonly onKey: (press: KeyPress) => void
}

/** Phase-1's screen: one frame for each state. */
export function App(props: AppProps) {
  const { version, identity, columns, rows, state } = props
  useInput((input, key) => {
    for (const press of toKeyPresses(input, key)) props.onKey(press)
  })
  const { next, keys } = footer(state, props)
  return (
    <Frame
      width={columns}
      height={rows}
      title={`boottorrent ${version}`}
      subtitle={describeMachine(identity)}
      next={next}
      keys={keys}
    >
      <Content {...props} />
    </Frame>
  )
}

function Content({ entries, state, columns, rows }: AppProps) {
  const width = columns - 4
  switch (state.screen) {
    case 'menu':
      return <MenuScreen entries={entries} selected={state.selected} width={width} rows={rows - MENU_SURROUNDINGS} />
    case 'details':
      return <DetailsScreen sections={state.sections} />
    case 'power':
      return (
        <Notice
          tone="accent"
          mark={glyph.pointer}
          title="Restart this machine, or switch it off?"
          body="What it has downloaded is in its memory, and gone afterwards."
        />
      )
    case 'leaving':
      return (
        <Notice
          tone="accent"
          mark={glyph.pointer}
          title={state.how === 'restart' ? 'This machine restarts.' : 'This machine switches itself off.'}
        />
      )
    case 'download':
      return <DownloadScreen state={state} width={width} />
    case 'seeding':
      return (
        <Notice
          tone="good"
          mark={glyph.done}
          title={`${nameOf(state.os)} is complete and verified.`}
          body={`This machine now helps the others: ${formatBytes(state.status.uploaded)} given, ${formatSpeed(state.status.uploadSpeed)} to ${countOf(state.status.peers, 'machine')}.${describeWaiting(state.waiting)}`}
        />
      )
    case 'starting':
      return (
        <Notice
          tone="good"
          mark={glyph.pointer}
          title={`Starting ${nameOf(state.os)}`}
          body="This machine hands over to the kernel it has downloaded."
        />
      )
    case 'running':
      return (
        <Notice
          tone="good"
          mark={glyph.pointer}
          title={`${nameOf(state.os)} is running.`}
          details={lastWords(state.remarks, width, rows - FRAME_ROWS - 2)}
        />
      )
    case 'ended': {
      const title = `${nameOf(state.os)} has ended: ${state.result}.`
      const details = lastWords(state.details, width, rows - FRAME_ROWS - 2)
      return <Notice tone="accent" mark={glyph.done} title={title} details={details} />
    }
    case 'failure': {
      const { message, todo } = state.failure
      const title = cleanText(message)
      const above = wrapText(`${glyph.failed} ${title}`, width).length + 1 + wrapText(todo, width).length + 1
      const details = lastWords(state.failure.details, width, rows - FRAME_ROWS - above)
      return <Notice tone="bad" mark={glyph.failed} title={title} body={todo} details={details} />
    }
  }
}

/** The last lines, whole, as many as there are rows for: what a program says last is mostly why it failed. */
function lastWords(lines: readonly string[], width: number, rows: number): string[] {
  let shown: string[] = []
  for (const line of lines.toReversed()) {
    const wrapped = wrapText(cleanText(line, 300), width)
    if (shown.length > 0 && shown.length + wrapped.length > rows) break
    shown = [...wrapped, ...shown]
  }
  return shown.slice(0, Math.max(0, rows))
}

/** Lines of the frame that are not content: title bar, a blank one, rule, next step, keys. */
const FRAME_ROWS = 5

/** Lines of the frame that are not entries of the menu. */
const MENU_SURROUNDINGS = 8

function describeWaiting(waiting: number | undefined): string {
  if (waiting === undefined) return ''
  return waiting === 1 ? ' 1 machine still waits.' : ` ${waiting} machines still wait.`
}

function describeMachine({ hostname, ip, mac }: Identity): string {
  return [hostname, ip, mac]
    .filter((part) => part !== '')
    .map((part) => cleanText(part, 24))
    .join(` ${glyph.dot} `)
}
