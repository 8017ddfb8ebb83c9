import { expect, test } from 'vitest'
import { refuseLongCommandLine } from '../../../client/tui/command-line.ts'
import { debian, tool } from './fixtures.ts'

test('a command line that the words of a rule have made too long for kexec is refused, with both lengths', () => {
  const refused = (cmdline: string) => () =>
    refuseLongCommandLine({ ...debian, method: 'kexec', cmdline } as typeof debian)
  expect(refused('x'.repeat(2046))).not.toThrow()
  expect(refused(`${'x'.repeat(2045)}\u00e4`)).toThrow(
    'Debian 12 Bookworm cannot start here: its command line has 2047 bytes, and kexec takes 2046.',
  )
  expect(() => refuseLongCommandLine(tool)).not.toThrow()
})
