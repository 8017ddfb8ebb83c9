import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { demoAddresses } from '../../../src/demo/addresses.ts'
import { makeEnvironment } from '../../../src/demo/environment.ts'

const ports = { tftp: 1, http: 2, tracker: 3, seeder: 4, central: 5, dhcpServer: 6, dhcpClient: 7, proxy: 8 }

afterEach(() => vi.unstubAllEnvs())

test('a temporary folder that cannot be written is named, with what to do', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'boottorrent-'))
  await rm(folder, { recursive: true })
  vi.stubEnv('TMPDIR', folder)
  const made = makeEnvironment({ bytes: 1e6, addresses: demoAddresses(1), ports, virtual: [] })
  await expect(made).rejects.toMatchObject({
    code: 'FILE',
    message: expect.stringContaining(folder),
    hint: expect.stringContaining('TMPDIR'),
  })
})
