/** Who takes part in a lesson: our host and its aria2 clients, nginx and its curl clients. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { aria2Arguments, isComplete } from '../client/tui/aria2-arguments.ts'
import { unpackClientAria2 } from './client-aria2.ts'
import type { Host, StartClient, StartHost } from './lesson.ts'
import { unpackPackages } from './peers.ts'
import { addressOf, type ShapedRoom } from './shaped-room.ts'

export const ourHost: StartHost = (room, folder) => startOurs(room, [addressOf(0), folder])

/** @param pieceLength bytes of a piece, instead of what the seeder chooses */
export function ourHostWith(pieceLength: number): StartHost {
  return (room, folder) => startOurs(room, [addressOf(0), folder, `${pieceLength}`])
}

async function startOurs(room: ShapedRoom, hostWords: readonly string[]): Promise<Host> {
  const [program, words] = room.on(0)
  const file = new URL('./swarm-host.ts', import.meta.url).pathname
  const host = fork(file, hostWords, { execPath: program, execArgv: [...words, process.execPath] })
  await once(host, 'message')
  return {
    async stop() {
      const answer = once(host, 'message')
      host.send('stop')
      const [{ sent }] = (await answer) as [{ sent: number }]
      return sent
    },
  }
}

/** Unpacked, not installed: its package would start a server on this machine. */
export const nginxHost: StartHost = async (room, folder) => {
  const program = path.join(unpackPackages('nginx'), 'usr/sbin/nginx')
  // It makes these folders when it starts, though nobody sends it anything.
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => {
    return `${kind}_temp_path ${folder}/${kind};`
  })
  const settings = `daemon off; pid ${folder}/pid; error_log ${folder}/log; worker_processes 1; user root;
    events {} http { access_log off; sendfile on; ${temporary.join(' ')}
    server { listen ${addressOf(0)}:80; root ${folder}; } }`
  writeFileSync(path.join(folder, 'nginx.conf'), settings)
  const host = runOn(room, 0, program, '-c', path.join(folder, 'nginx.conf'), '-e', path.join(folder, 'log'))
  const untilItAnswers = ['--retry', '20', '--retry-connrefused', '--retry-delay', '1']
  await finished(runOn(room, 0, 'curl', '-s', ...untilItAnswers, `http://${addressOf(0)}/`))
  return {
    async stop() {
      // Told to end, it ends its workers too.
      await ended(host, 'SIGTERM')
      return 0
    },
  }
}

let aria2Program: string | undefined

/** aria2c as the client has it, started as the client starts it; it goes on seeding when it has everything. */
export const aria2: StartClient = (room, machine, folder) => {
  aria2Program ??= unpackClientAria2(mkdtempSync(path.join(os.tmpdir(), 'bench-aria2-')))
  const into = path.join(folder, `client${machine}`)
  mkdirSync(into)
  const words = aria2Arguments(
    {
      torrent: path.join(folder, 'os.torrent'),
      folder: into,
      logFile: path.join(into, 'aria2.log'),
      settings: { lpd: false, dht: false, pex: true, checkIntegrity: false, logLevel: 'warn' },
      resume: false,
    },
    { port: 6800, secret: 'bench', owner: process.pid },
  )
  const client = runOn(room, machine, aria2Program, ...words)
  const lines = createInterface({ input: client.stdout as NodeJS.ReadableStream })
  const done = new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => isComplete(line) && resolve())
    client.on('exit', (code) => reject(new Error(`aria2c ended with ${code} before it had everything`)))
  })
  return { done, stop: () => ended(client) }
}

export const curl: StartClient = (room, machine) => {
  const client = runOn(room, machine, 'curl', '-s', '-f', '-o', '/dev/null', `http://${addressOf(0)}/os/image`)
  return { done: finished(client), stop: async () => {} }
}

function runOn(room: ShapedRoom, machine: number, ...command: string[]): ChildProcess {
  const [program, words] = room.on(machine)
  return spawn(program, [...words, ...command], { stdio: ['ignore', 'pipe', 'ignore'] })
}

/** curl ends with 22 when the server answers with an error, which is an answer. */
async function finished(child: ChildProcess): Promise<void> {
  const [code] = await once(child, 'exit')
  if (code !== 0 && code !== 22) throw new Error(`${child.spawnargs.join(' ')} ended with ${code}`)
}

async function ended(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill(signal)
  await exit
}
