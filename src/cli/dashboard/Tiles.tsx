import { Text } from 'ink'
import type { StatusMachine } from '../../status/index.ts'
import { colour, glyph } from '../../ui/index.ts'
import { firstVisible } from '../../ui/Menu.tsx'
import { cell } from './cell.ts'
import { shortWords, toneOf } from './words.ts'

export interface TilesProps {
  readonly machines: readonly StatusMachine[]
  readonly selected: string | undefined
  readonly width: number
  readonly rows: number
}

const NAME = 8
const STATE = 8
/** Pointer, name, a blank, state, a blank. */
const TILE = 1 + NAME + 1 + STATE + 1

export function tilesPerRow(width: number): number {
  return Math.max(1, Math.floor(width / TILE))
}

/** Each machine in a few characters, so that a hundred of them fit a small terminal. */
export function Tiles({ machines, selected, width, rows }: TilesProps) {
  const perRow = tilesPerRow(width)
  const lines = Array.from({ length: Math.ceil(machines.length / perRow) }, (_, row) => {
    return machines.slice(row * perRow, (row + 1) * perRow)
  })
  const place = Math.max(
    0,
    machines.findIndex(({ mac }) => mac === selected),
  )
  const first = firstVisible(lines.length, rows, Math.floor(place / perRow))
  return lines.slice(first, first + rows).map((line) => (
    <Text key={line[0]?.mac} wrap="truncate">
      {line.map((machine) => (
        <Tile key={machine.mac} machine={machine} isSelected={machine.mac === selected} />
      ))}
    </Text>
  ))
}

function Tile({ machine, isSelected }: { readonly machine: StatusMachine; readonly isSelected: boolean }) {
  const tone = toneOf(machine)
  // Without a name the end of the address is what tells machines of one kind apart.
  const name = machine.name ?? machine.mac.slice(-NAME)
  return (
    <Text bold={isSelected}>
      <Text color={colour.accent}>{isSelected ? glyph.pointer : ' '}</Text>
      {cell(name, NAME)}{' '}
      <Text {...(tone === undefined ? {} : { color: colour[tone] })}>{cell(shortWords(machine), STATE)}</Text>{' '}
    </Text>
  )
}
