import { existsSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { type Configuration, formatProblem, loadEnvironment, type Problem } from '../environment/index.ts'
import { placeText } from '../environment/problems.ts'
import type { Log } from '../log.ts'
import type { BootServer, BootServerOptions } from '../server.ts'
import { becomeUser, findUser, type SystemUser } from './become-user.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { inheritedDhcpSockets } from './inherited-sockets.ts'
import { type Io, inColor } from './io.ts'
import { jsonLog } from './log.ts'
import { logError } from './report-error.ts'
import { Screen } from './screen.ts'
import { aborted, isAbort, stopOnInterrupt } from './serving.ts'
import { settingsFromFlags, settingsFromVariables } from './settings.ts'

/** The flags of the command; those that are settings are read by {@link settingsFromFlags}. */
export interface StartOptions extends Readonly<Record<string, unknown>> {
  readonly json?: boolean
  /** False for plain lines on a terminal too. */
  readonly dashboard?: boolean
  /** The same by another name. */
  readonly plain?: boolean
}

/** Makes the server; tests bring their own. */
export type CreateServer = (options: BootServerOptions) => Promise<BootServer>

/** `boottorrent start`: serves the environment until it is told to stop. */
export async function start(
  directory: string,
  options: StartOptions,
  io: Io,
  createServer: CreateServer = createRealServer,
): Promise<number> {
  const overrides = [...settingsFromVariables(io.env), ...settingsFromFlags(options)]
  const { configuration, problems } = await loadEnvironment(path.resolve(io.cwd, directory), overrides)
  if (!configuration) {
    reportProblems(problems, options, io)
    return exitCodes.configuration
  }
  const level = configuration.logLevel
  const plain = options.json === true || options.plain === true || options.dashboard === false
  await using screen = new Screen(io, { level, plain })
  const log = options.json ? jsonLog(io, { level }) : screen.log
  for (const warning of configuration.warnings) logWarning(warning, log)

  using stop = stopOnInterrupt(io, log, 'server')
  let running: BootServer | undefined
  // The log tells how it went. What changes while it starts is noticed without being asked.
  using _reloads = io.onReload(() => void running?.reload().catch(() => {}))
  try {
    const user = await userToBecome(configuration, log)
    const dhcpSockets = inheritedDhcpSockets(io.env)
    await using server = await createServer({
      environment: configuration,
      overrides,
      client: io.env.BOOTTORRENT_CLIENT,
      dhcpSockets,
      log,
      signal: stop.signal,
    })
    await screen.show(server, stop.request)
    await server.start()
    running = server
    if (user) {
      await becomeUser(user, { written: writtenFolders(configuration), read: server.reads() })
      log({
        level: 'info',
        event: 'server.user',
        message: `Going on as the user ${user.name}`,
        user: user.name,
        pid: process.pid,
      })
    }
    await aborted(stop.signal)
  } catch (error) {
    // Who stops it while it starts gets what he wanted.
    if (!isAbort(error, stop.signal)) {
      if (!options.json) throw error
      logError(error, log, 'server.failed')
      return exitCodeOf(error)
    }
  }
  await screen.close()
  log({ level: 'info', event: 'server.closed', message: 'Stopped' })
  return exitCodes.done
}

/** Only root can become somebody else. */
async function userToBecome({ network }: Configuration, log: Log): Promise<SystemUser | undefined> {
  if (network.user === undefined) return undefined
  if (process.getuid?.() === 0) return findUser(network.user)
  const message = `Not started as root: it does not become the user ${network.user}`
  log({ level: 'warn', event: 'server.user', message })
  return undefined
}

/** What the server goes on writing to while it runs. */
function writtenFolders({ directory }: Configuration): string[] {
  return ['out', '.boottorrent'].map((name) => path.join(directory, name)).filter((folder) => existsSync(folder))
}

/** The services are loaded only now: no other command needs them. */
const createRealServer: CreateServer = async (options) => {
  const { createBootServer } = await import('../server.ts')
  return createBootServer(options)
}

function reportProblems(problems: readonly Problem[], options: StartOptions, io: Io): void {
  if (options.json) {
    const log = jsonLog(io, { level: 'info' })
    for (const problem of problems) log({ level: 'error', event: 'environment.problem', ...problem })
    return
  }
  const color = inColor(io.stderr, io.env)
  for (const problem of problems) io.stderr.write(`${formatProblem(problem, { color })}\n`)
}

function logWarning(warning: Problem, log: Log): void {
  const place = placeText(warning)
  const message = `${place}: ${warning.message}. ${warning.hint}`
  log({ ...warning, level: 'warn', event: 'environment.warning', message })
}
