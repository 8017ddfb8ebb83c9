import { describe, expect, test } from 'vitest'
import { bindSocket } from '../../src/dhcp/sockets.ts'
import { createHttpServer } from '../../src/http/index.ts'
import { createSeeder } from '../../src/seeder/index.ts'
import { createTftpServer } from '../../src/tftp/index.ts'
import { createTracker } from '../../src/tracker/index.ts'

const address = '127.0.0.1'
const files = { get: () => undefined, names: () => [] }

describe.each([70_000, -1, 1.5, Number.NaN])('the port %d is refused, and no other bound instead', (port) => {
  test.each<[string, () => Promise<unknown>]>([
    ['TFTP', () => createTftpServer({ address, port, files }).start()],
    ['HTTP', () => createHttpServer({ address, port, files }).start()],
    ['DHCP', () => bindSocket(address, port)],
    ['the tracker', () => createTracker({ address, port, infoHashes: () => [] }).start()],
    ['the seeder', () => createSeeder({ address, port, torrents: [] }).start()],
  ])('by %s', async (what, start) => {
    await expect(start()).rejects.toMatchObject({ code: 'USAGE', message: `${port} is no port for ${what}.` })
  })
})
