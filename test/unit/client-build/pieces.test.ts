import { expect, test } from 'vitest'
import { digest } from '../../../client/build/cache.ts'
import { kexecPiece, tuiPiece, type Workshop } from '../../../client/build/pieces.ts'

/** A workshop in which everything is built already: only keys are made there. */
function workshop(version: string): Workshop {
  const source = { kind: 'source', name: 'a', version: '1', files: [] }
  return {
    resolved: { quickjs: source, kexec: source, libraries: [] } as unknown as Workshop['resolved'],
    cache: { thing: async () => '/built', find: async () => '/built' },
    tools: { compilers: ['gcc'], packers: [] },
    sources: async () => [],
    version,
  } as unknown as Workshop
}

test('the menu shows the version, so another version is another menu; whatever does not show it stays', async () => {
  const keys = async (make: (shop: Workshop) => Promise<{ inputs: unknown }>) =>
    Promise.all(['0.1.0', '0.2.0'].map(async (version) => digest((await make(workshop(version))).inputs)))
  const [menu, laterMenu] = await keys(tuiPiece)
  expect(laterMenu).not.toBe(menu)
  const [kexec, laterKexec] = await keys(kexecPiece)
  expect(laterKexec).toBe(kexec)
})
