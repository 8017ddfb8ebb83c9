/** HTTP side by side with nginx, on the loopback address of a network namespace: boot files for a classroom. */
import type { ChildProcessByStdio } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { createLan, type Lan } from '../test/interop/dhcp/lan.ts'
import { type CaseGoal, type Competitor, compete, type Suite } from './harness.ts'
import { compile, unpackPackages } from './peers.ts'
import { endServer, processorSeconds } from './server-process.ts'

const ADDRESS = '127.0.0.1'
const PORT = '8000'
const FILE_BYTES = 20e6
const TEN_GIGABIT = 1250
/** A single machine has hardly more than a link of 2.5 Gbit/s. */
const ONE_LINK = 312

/** Connections, and how often each of them fetches the file. */
const loads = [
  { connections: 1, times: 20 },
  { connections: 16, times: 6 },
]
const caseOf = (connections: number) => `${connections} client${connections > 1 ? 's' : ''}, 20 MB file`

const goals: CaseGoal[] = [
  { case: caseOf(1), unit: 'MB/s', better: 'higher', goal: 0.8, enough: ONE_LINK, peers: ['nginx'] },
  { case: caseOf(16), unit: 'MB/s', better: 'higher', goal: 0.8, enough: TEN_GIGABIT, peers: ['nginx'] },
  { case: 'processor, 16 clients', unit: 's/GB', better: 'lower', goal: 1, peers: [] },
]

type Child = ChildProcessByStdio<null, Readable, Readable>

export const suite: Suite = async (options) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-http-'))
  const load = compile('http-load.c')
  writeFileSync(path.join(folder, 'image'), randomBytes(FILE_BYTES))
  await using lan = await createLan('172.30.0.1/24')

  const competitor = (name: string, start: () => Promise<Child>): Competitor => ({
    name,
    async measure() {
      const server = await start()
      try {
        const measured: Record<string, number> = {}
        // The first answer warms up: the file comes into memory, the code is compiled.
        await fetch(lan, load, folder, 1, 1)
        for (const { connections, times } of loads) {
          const before = processorSeconds(server.pid as number)
          const seconds = await fetch(lan, load, folder, connections, times)
          const bytes = FILE_BYTES * connections * times
          measured[caseOf(connections)] = bytes / seconds / 1e6
          const used = processorSeconds(server.pid as number) - before
          if (connections > 1) measured['processor, 16 clients'] = used / (bytes / 1e9)
        }
        return measured
      } finally {
        await endServer(server)
      }
    },
  })
  try {
    const peers = [competitor('nginx', () => startNginx(lan, folder))]
    return {
      rows: await compete(
        competitor('boottorrent', () => startOurs(lan, folder)),
        peers,
        goals,
        options,
      ),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Seconds for all of it. */
async function fetch(lan: Lan, load: string, folder: string, connections: number, times: number): Promise<number> {
  return Number(await lan.run(load, ADDRESS, PORT, 'image', path.join(folder, 'image'), `${connections}`, `${times}`))
}

async function startOurs(lan: Lan, folder: string): Promise<Child> {
  const program = new URL('./http-server.ts', import.meta.url).pathname
  const child = lan.spawn(process.execPath, program, ADDRESS, PORT, 'image', path.join(folder, 'image'))
  await once(child.stdout, 'data')
  return child
}

async function startNginx(lan: Lan, folder: string): Promise<Child> {
  const configuration = path.join(folder, 'nginx.conf')
  // As Debian ships it, sendfile and a process for each processor; only the paths are ours.
  writeFileSync(
    configuration,
    `user root; daemon off; worker_processes auto; pid ${folder}/nginx.pid; error_log stderr;
events { worker_connections 768; }
http { sendfile on; tcp_nopush on; access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
server { listen ${ADDRESS}:${PORT}; root ${folder}; } }
`,
  )
  const program = path.join(unpackPackages('nginx'), 'usr/sbin/nginx')
  const child = lan.spawn(program, '-e', 'stderr', '-c', configuration)
  child.stdout.resume()
  child.stderr.resume()
  await wait(500)
  if (child.exitCode !== null) throw new Error(`it ended at once with status ${child.exitCode}`)
  return child
}
