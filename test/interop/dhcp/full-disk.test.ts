/** A disk that is full while leases are given, and has room again. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('a full disk is told once, and leases that it refused are written when it has room', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'full-'))
  const namespace = process.getuid?.() === 0 ? ['-m'] : ['-U', '-r', '-m']
  // The disk is in the program's own view of the file system, and ends with it.
  const mounted = 'mount -t tmpfs -o size=256k none "$3" && exec "$1" "$2" "$3"'
  const script = fileURLToPath(new URL('full-disk.ts', import.meta.url))
  try {
    const words = [...namespace, 'sh', '-c', mounted, 'sh', process.execPath, script, folder]
    const { stdout } = await promisify(execFile)('unshare', words)
    const { whileFull, events, given, lost } = JSON.parse(stdout)
    expect(whileFull).toEqual(['dhcp.leases-unwritten'])
    expect(events).toEqual(['dhcp.leases-unwritten', 'dhcp.leases-written'])
    expect(given).toBeGreaterThan(500)
    expect(lost).toBe(0)
  } finally {
    await rm(folder, { recursive: true })
  }
})
