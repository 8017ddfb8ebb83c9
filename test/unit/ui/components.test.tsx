import { Text } from 'ink'
import { render } from 'ink-testing-library'
import { describe, expect, test } from 'vitest'
import { Facts, Frame, Menu, Notice, ProgressBar } from '../../../src/ui/index.ts'
import { firstVisible } from '../../../src/ui/Menu.tsx'

/** The lines a component draws, without colours. */
function linesOf(element: Parameters<typeof render>[0]): string[] {
  const { lastFrame, unmount } = render(element)
  const frame = lastFrame() ?? ''
  unmount()
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
  return frame.replace(/\u001b\[[0-9;]*m/g, '').split('\n')
}

const systems = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ label: `System ${index + 1}`, detail: '1.0 GB' }))

describe('Menu', () => {
  test('numbers the first nine and points at the selected one', () => {
    const lines = linesOf(<Menu width={40} rows={12} items={systems(10)} selected={1} />)
    expect(lines).toHaveLength(10)
    expect(lines[0]).toMatch(/^ {5}1 System 1 +1\.0 GB$/)
    expect(lines[1]).toMatch(/^ {3}► 2 System 2 +1\.0 GB$/)
    expect(lines[9]).toMatch(/^ {7}System 10 /)
  })

  test('scrolls with the selection and says that there is more', () => {
    const lines = linesOf(<Menu width={40} rows={5} items={systems(20)} selected={10} />)
    expect(lines).toHaveLength(5)
    expect(lines[0]).toMatch(/^↑ .*System 9 /)
    expect(lines[2]).toContain('► ')
    expect(lines[4]).toMatch(/^↓ .*System 13 /)
  })

  test.each([
    [3, 5, 2, 0],
    [20, 5, 0, 0],
    [20, 5, 19, 15],
    [20, 5, 10, 8],
    [0, 5, 0, 0],
  ])('of %d entries on %d rows with %d selected shows from %d', (count, rows, selected, first) => {
    expect(firstVisible(count, rows, selected)).toBe(first)
  })

  test('cuts a name that is too long and keeps its detail', () => {
    const [line = ''] = linesOf(
      <Menu width={30} rows={1} items={[{ label: 'x'.repeat(80), detail: '1.0 GB' }]} selected={0} />,
    )
    expect(line.length).toBeLessThanOrEqual(30)
    expect(line).toContain('1.0 GB')
  })
})

describe('ProgressBar', () => {
  test.each([
    [0, '░░░░░░░░░░   0 %'],
    [50, '█████░░░░░  50 %'],
    [100, '██████████ 100 %'],
  ])('at %d percent', (percent, line) => {
    expect(linesOf(<ProgressBar width={16} percent={percent} />)).toEqual([line])
  })

  test('stays in its place whatever it is told', () => {
    const [line = ''] = linesOf(<ProgressBar width={16} percent={250} />)
    expect(line.startsWith('██████████ ')).toBe(true)
  })
})

test('Facts stand in two columns', () => {
  const lines = linesOf(
    <Facts
      nameWidth={8}
      facts={[
        ['Speed', '1 MB/s'],
        ['From', '2 machines'],
      ]}
    />,
  )
  expect(lines).toEqual(['Speed   1 MB/s', 'From    2 machines'])
})

test('Notice shows what happened, what to do, and the exact words', () => {
  const lines = linesOf(<Notice tone="bad" mark="‼" title="No." body="Try again." details={['errno 5']} />)
  expect(lines.filter((line) => line !== '')).toEqual(['‼ No.', 'Try again.', 'errno 5'])
})

describe('Frame', () => {
  const frame = (content: string) => (
    <Frame width={40} height={10} title="boottorrent" subtitle="pc-07" next="Next." keys={[['Enter', 'start']]}>
      <Text>{content}</Text>
    </Frame>
  )

  test('fills its height: title above, next step and keys at the foot', () => {
    const lines = linesOf(frame('content'))
    expect(lines).toHaveLength(10)
    expect(lines[0]).toMatch(/^ boottorrent +pc-07 ?$/)
    expect(lines[2]).toBe('  content')
    expect(lines[8]).toBe('  Next.')
    expect(lines[9]).toBe('  Enter start')
  })

  test('keeps title and foot when the content is too long', () => {
    const lines = linesOf(frame(Array.from({ length: 40 }, (_, index) => `line ${index}`).join('\n')))
    expect(lines).toHaveLength(10)
    expect(lines[0]).toContain('boottorrent')
    expect(lines[8]).toBe('  Next.')
  })
})
