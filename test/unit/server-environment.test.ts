import path from 'node:path'
import { expect, test } from 'vitest'
import { createBootServer } from '../../src/server.ts'
import { temporaryEnvironment } from './environment/temporary-environment.ts'

test('an environment that is not there is refused without a line that nothing stands on', async () => {
  await using folder = await temporaryEnvironment({})
  const environment = path.join(folder.directory, 'none')
  await expect(createBootServer({ environment })).rejects.toMatchObject({
    code: 'CONFIGURATION',
    message: `The environment ${environment} has a problem: Boottorrent.yaml: there is no folder "${environment}"`,
  })
})

test('what is wrong in a file is refused with its line', async () => {
  await using folder = await temporaryEnvironment({ 'Boottorrent.yaml': 'version: 1\nboot:\n  timeout: soon\n' })
  await expect(createBootServer({ environment: folder.directory })).rejects.toThrow('Boottorrent.yaml:3:12: "soon"')
})
