/** Debian's opentracker on the loopback address, unpacked and not installed. Tests use it as a foreign tracker, too. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { libraryPath, unpackPackages } from './peers.ts'

export type TrackerProcess = ChildProcessByStdio<null, Readable, null>

const ADDRESS = '127.0.0.1'

/** @param folder for its files @param infoHashes Debian's build tracks only what is on its list */
export async function startOpentracker(
  folder: string,
  port: number,
  infoHashes: readonly string[],
): Promise<TrackerProcess> {
  const unpacked = unpackPackages('opentracker', 'libowfat0')
  const list = path.join(folder, 'whitelist')
  const settings = path.join(folder, 'opentracker.conf')
  // It makes the folder its root, gives up its rights, and then reads its list.
  chmodSync(folder, 0o755)
  writeFileSync(list, `${infoHashes.join('\n')}\n`)
  const lines = [
    `listen.tcp_udp ${ADDRESS}:${port}`,
    `access.whitelist /${path.basename(list)}`,
    `tracker.rootdir ${folder}`,
    'tracker.user nobody',
  ]
  writeFileSync(settings, `${lines.join('\n')}\n`)
  const tracker = spawn(path.join(unpacked, 'usr/bin/opentracker'), ['-f', settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, LD_LIBRARY_PATH: libraryPath(unpacked) },
  })
  await answers(port)
  return tracker
}

/** It says nothing when it is ready. */
async function answers(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const isThere = await fetch(`http://${ADDRESS}:${port}/`).then(
      () => true,
      () => false,
    )
    if (isThere) return
    await delay(50)
  }
  throw new Error('opentracker does not answer')
}
