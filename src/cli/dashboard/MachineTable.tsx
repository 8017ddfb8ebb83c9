import { Text } from 'ink'
import { memo } from 'react'
import type { StatusMachine } from '../../status/index.ts'
import { colour, formatBytes, glyph } from '../../ui/index.ts'
import { firstVisible } from '../../ui/Menu.tsx'
import { cell } from './cell.ts'
import { neighboursPercent, speedWords, stepWords, type Tone, toneOf } from './words.ts'

export interface MachineTableProps {
  readonly machines: readonly StatusMachine[]
  readonly selected: string | undefined
  readonly now: number
  readonly width: number
  /** The heading among them. */
  readonly rows: number
}

/** Machines in rows. What there is no room for in a narrow terminal stands in the machine's own screen. */
export function MachineTable({ machines, selected, now, width, rows }: MachineTableProps) {
  const columns = columnsFor(width, machines)
  const place = machines.findIndex(({ mac }) => mac === selected)
  const first = firstVisible(machines.length, rows - 1, Math.max(0, place))
  const visible = machines.slice(first, first + rows - 1)
  const above = first > 0 ? glyph.more.above : ' '
  const below = first + visible.length < machines.length ? glyph.more.below : ' '
  const heading = columns.map(({ name, width, align }) => cell(name, width, align)).join(' ')
  return (
    <>
      <Text dimColor wrap="truncate">{`${above}${below}${heading}`}</Text>
      {visible.map((machine) => (
        <Row
          key={machine.mac}
          text={columns
            .slice(0, -1)
            .map(({ width, align, of }) => cell(of(machine, now), width, align))
            .join(' ')}
          step={stepCell(machine, columns.at(-1)?.width ?? 0, now)}
          tone={toneOf(machine)}
          bar={barOf(machine)}
          isSelected={machine.mac === selected}
        />
      ))}
    </>
  )
}

interface RowProps {
  readonly text: string
  readonly step: string
  readonly tone: Tone | undefined
  /** Filled cells of the bar before the step; undefined when there is none. */
  readonly bar: number | undefined
  readonly isSelected: boolean
}

const BAR_CELLS = 10

/** Most rows are as they were half a second before. */
const Row = memo(function Row({ text, step, tone, bar, isSelected }: RowProps) {
  const toned = tone === undefined ? {} : { color: colour[tone] }
  return (
    <Text wrap="truncate" bold={isSelected}>
      <Text color={colour.accent}>{isSelected ? `${glyph.pointer} ` : '  '}</Text>
      {text}{' '}
      {bar === undefined ? null : (
        <>
          <Text color={colour.accent}>{glyph.full.repeat(bar)}</Text>
          <Text dimColor>{glyph.empty.repeat(BAR_CELLS - bar)}</Text>{' '}
        </>
      )}
      <Text {...toned}>{step}</Text>
    </Text>
  )
})

function barOf({ phase, stuck, progress }: StatusMachine): number | undefined {
  if (phase !== 'download' || stuck !== null || progress === null) return undefined
  return Math.floor((BAR_CELLS * Math.min(100, Math.max(0, progress.percent))) / 100)
}

function stepCell(machine: StatusMachine, width: number, now: number): string {
  const room = barOf(machine) === undefined ? width : width - BAR_CELLS - 1
  const { progress } = machine
  // Beside the bar the number is enough.
  const words = room < width && progress !== null ? `${progress.percent} %` : stepWords(machine, now)
  return cell(words, room)
}

interface Column {
  readonly name: string
  readonly width: number
  readonly align?: 'left' | 'right'
  readonly of: (machine: StatusMachine, now: number) => string
}

/** From this width on a column is shown. */
type Optional = Column & { readonly from: number }

/** The step comes last and takes what is left. */
function columnsFor(width: number, machines: readonly StatusMachine[]): Column[] {
  const longest = Math.max(6, ...machines.map(({ name }) => name?.length ?? 0))
  const all: Optional[] = [
    { name: 'Name', width: Math.min(longest, width < 120 ? 10 : 20), from: 0, of: ({ name }) => name ?? '-' },
    { name: 'MAC', width: 17, from: 60, of: ({ mac }) => mac },
    { name: 'Address', width: 15, from: 92, of: ({ address }) => address ?? '-' },
    { name: 'Firmware', width: 9, from: 105, of: ({ firmware }) => firmware ?? '-' },
    { name: 'Speed', width: 11, align: 'right', from: 0, of: speedWords },
    { name: 'Server', width: 8, align: 'right', from: 140, of: (machine) => bytesOf(machine, 'fromServer') },
    { name: 'Neighbours', width: 10, align: 'right', from: 140, of: (machine) => bytesOf(machine, 'fromPeers') },
    { name: 'Nbrs', width: 5, align: 'right', from: 70, of: sharedWords },
  ]
  const shown = all.filter(({ from }) => width >= from)
  const used = shown.reduce((sum, column) => sum + column.width + 1, 2)
  return [...shown, { name: 'Step', width: Math.max(8, width - used), of: stepWords }]
}

function bytesOf({ progress }: StatusMachine, from: 'fromServer' | 'fromPeers'): string {
  return progress === null ? '' : formatBytes(progress[from])
}

function sharedWords(machine: StatusMachine): string {
  const percent = neighboursPercent(machine)
  return percent === undefined ? '' : `${percent} %`
}
