import { access } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Lan } from '../../src/demo/vm/lan.ts'
import { stopProcess } from '../../src/demo/vm/programs.ts'
import { createTranscript, type Transcript, type TranscriptLine } from '../../src/demo/vm/transcript.ts'
import { BoottorrentError } from '../../src/errors.ts'

/** `boottorrent start --json`, running as a program of its own on a LAN. */
export interface BootServerProcess {
  /** Its events, one JSON object per line. */
  readonly events: Transcript
  /** The first event, past or to come, that says this of this machine. */
  waitForStep(mac: string, step: string, timeoutSeconds: number): Promise<ServerEvent & { readonly at: number }>
  /** The first event, past or to come, of this name. */
  waitForEvent(event: string, timeoutSeconds: number): Promise<ServerEvent & { readonly at: number }>
  /** Resolves with its exit status when it has ended. */
  readonly ended: Promise<number | null>
  /** Asks it to end, as Ctrl+C does, and resolves with its exit status. */
  stop(): Promise<number | null>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** What every line of `--json` has. */
export interface ServerEvent {
  readonly time: string
  readonly event: string
  readonly message: string
  readonly mac?: string
  readonly step?: string
  readonly [field: string]: unknown
}

/** The command line as it is published. */
export const builtProgram = fileURLToPath(new URL('../../dist/boottorrent.js', import.meta.url))

export interface ServerOptions {
  /** Path of the command line. Default: the built one. */
  readonly program?: string
  /** Path of the manifest of the client that is served. Default: the built one. */
  readonly client?: string
}

/**
 * Starts the command line on the LAN. It is up when `waitForEvent` has seen it listen.
 *
 * @throws BoottorrentError FILE when it has not been built.
 */
export async function startBoottorrent(
  lan: Lan,
  environment: string,
  { program = builtProgram, client }: ServerOptions = {},
): Promise<BootServerProcess> {
  await access(program).catch((cause) => {
    throw new BoottorrentError('FILE', `${program} is not there`, { hint: 'Build it: npm run build', cause })
  })
  const env = { ...process.env, ...(client === undefined ? {} : { BOOTTORRENT_CLIENT: client }) }
  const child = lan.spawn(process.execPath, [program, 'start', environment, '--json'], { env })
  const events = createTranscript('boottorrent start')
  // What is not JSON, such as the report of a crash, is kept too: it is what the error of a waiting test shows.
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', (line) => events.add(line))
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code, signal) => {
      events.end(`it ended (${signal ?? code})`)
      resolve(code)
    })
  })

  const first = async (pattern: RegExp, timeoutSeconds: number) => {
    const line = await events.waitFor(pattern, timeoutSeconds)
    return { ...(JSON.parse(line.text) as ServerEvent), at: line.at }
  }

  const close = () => stopProcess(child)
  return {
    events,
    ended,
    waitForStep: (mac, step, timeout) =>
      first(new RegExp(`^\\{(?=.*"mac":"${mac}")(?=.*"step":"${step}").*\\}$`), timeout),
    waitForEvent: (event, timeout) => first(new RegExp(`^\\{(?=.*"event":"${event}").*\\}$`), timeout),
    stop() {
      child.kill('SIGINT')
      return ended
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** The event in a line of `--json`, undefined when the line is something else. */
export function parseEvent(line: TranscriptLine): ServerEvent | undefined {
  try {
    const value = JSON.parse(line.text) as ServerEvent
    return typeof value === 'object' && typeof value?.event === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
