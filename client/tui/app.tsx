import { Box, Text, useInput } from 'ink'
import {
  cleanText,
  Facts,
  Frame,
  formatBytes,
  formatDuration,
  formatSpeed,
  glyph,
  type Key,
  Menu,
  Notice,
  ProgressBar,
  percentage,
  wrapText,
} from '../../src/ui/index.ts'
import type { ClientOs } from '../contract.ts'
import { toKeyPresses } from './keys.ts'
import type { Identity, KeyPress, State } from './state.ts'

export interface AppProps {
  readonly version: string
  readonly identity: Identity
  readonly oss: readonly ClientOs[]
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
  const { next, keys } = footer(state, props.oss)
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

function Content({ identity, oss, state, columns, rows }: AppProps) {
  const width = columns - 4
  switch (state.screen) {
    case 'menu': {
      const items = oss.map((os) => ({ label: cleanText(os.displayName, 60), detail: formatBytes(os.bytes) }))
      return (
        <Box flexDirection="column">
          <Box justifyContent="space-between">
            <Text bold>Choose a system</Text>
            <Text>{cleanText(identity.server, 50)}</Text>
          </Box>
          <Box marginTop={1}>
            <Menu width={width} rows={rows - MENU_SURROUNDINGS} items={items} selected={state.selected} />
          </Box>
        </Box>
      )
    }
    case 'download':
      return <DownloadContent state={state} width={width} />
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

interface DownloadContentProps {
  readonly state: Extract<State, { screen: 'download' }>
  readonly width: number
}

function DownloadContent({ state, width }: DownloadContentProps) {
  const { item, status } = state
  const total = status?.total || item.bytes
  const completed = status?.completed ?? 0
  return (
    <Box flexDirection="column">
      <Text bold>Downloading {nameOf(item)}</Text>
      <Box marginTop={1} marginBottom={1}>
        <ProgressBar width={width} percent={percentage(completed, total)} />
      </Box>
      <Facts
        nameWidth={14}
        facts={[
          ['Received', `${formatBytes(completed)} of ${formatBytes(total)}`],
          ['Speed', formatSpeed(status?.downloadSpeed ?? 0)],
          ['Time left', formatDuration(state.secondsLeft)],
          // Not how many of them have everything: the server hides that it has (super-seeding).
          ['From', countOf(status?.peers ?? 0, 'machine')],
          ['Given', `${formatBytes(status?.uploaded ?? 0)} to others, ${formatSpeed(status?.uploadSpeed ?? 0)}`],
        ]}
      />
      {state.remark === undefined ? null : (
        <Box marginTop={1}>
          <Text color="yellow">{state.remark}</Text>
        </Box>
      )}
    </Box>
  )
}

const SHELL: Key = ['Ctrl+S', 'shell']

/** The one sentence of what comes next, and the keys for it. */
function footer(state: State, oss: readonly ClientOs[]): { next: string; keys: readonly Key[] } {
  switch (state.screen) {
    case 'menu': {
      const choose: Key[] = [['↑ ↓', 'choose'], ['Enter', 'start'], SHELL]
      const os = oss[state.selected]
      const name = os ? nameOf(os) : ''
      if (state.secondsLeft === undefined) return { next: `Press Enter to start ${name}.`, keys: choose }
      return {
        next: `${name} starts in ${formatDuration(state.secondsLeft)}. Any key stops the clock.`,
        keys: choose,
      }
    }
    case 'download':
      return { next: 'Every piece is checked as it arrives.', keys: [['m', 'back to the menu'], SHELL] }
    case 'seeding':
      return {
        next: `${nameOf(state.os)} starts when every machine has it, in at most ${formatDuration(state.secondsLeft)}.`,
        keys: [['Enter', 'start now'], ['m', 'back to the menu'], SHELL],
      }
    case 'starting':
      return { next: 'The screen may go dark for a moment.', keys: [] }
    case 'running':
      return {
        next: 'The menu comes back when it ends.',
        keys: [['q', 'end it'], SHELL],
      }
    case 'ended':
      return { next: 'Any key goes back to the menu.', keys: [['any key', 'menu'], SHELL] }
    case 'failure': {
      const retry: Key[] = state.os ? [['r', 'try again']] : []
      const menu: Key[] = oss.length > 0 ? [['m', 'menu']] : []
      const keys: Key[] = [...retry, ...menu, ['s', 'shell']]
      if (state.secondsLeft === undefined) return { next: 'Nothing happens until a key is pressed.', keys }
      const next = `It is tried again in ${formatDuration(state.secondsLeft)}. Any key stops the clock.`
      return { next, keys }
    }
  }
}

/** Lines of the frame that are not content: title bar, a blank one, rule, next step, keys. */
const FRAME_ROWS = 5

/** Lines of the frame that are not entries of the menu. */
const MENU_SURROUNDINGS = 8

function nameOf({ displayName }: Pick<ClientOs, 'displayName'>): string {
  return cleanText(displayName, 40)
}

function describeWaiting(waiting: number | undefined): string {
  if (waiting === undefined) return ''
  return waiting === 1 ? ' 1 machine still waits.' : ` ${waiting} machines still wait.`
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function describeMachine({ hostname, ip, mac }: Identity): string {
  return [hostname, ip, mac]
    .filter((part) => part !== '')
    .map((part) => cleanText(part, 24))
    .join(` ${glyph.dot} `)
}
