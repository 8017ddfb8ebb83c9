import { render } from 'ink'
import { cleanText } from '../../src/ui/format.ts'
import type { ClientConfiguration } from '../contract.ts'
import { App } from './app.tsx'
import { parseConfiguration } from './configuration.ts'
import { Consoles } from './consoles.ts'
import { type Failure, toFailure } from './failure.ts'
import { FrameSink, KeySource } from './ink-streams.ts'
import { Journal } from './journal.ts'
import { configurationFor, readMachineFacts, ruleOf } from './machine-rule.ts'
import { menuEntries } from './menu-entries.ts'
import { Reporter } from './reporter.ts'
import { Session } from './session.ts'
import { readSettings, type Settings } from './settings.ts'
import type { KeyPress, State } from './state.ts'
import type { System } from './system.ts'

export interface Client {
  /** Tells the person what went wrong inside the TUI, on every console, and leaves them usable. */
  crash(error: unknown): void
}

/** Puts Phase-1's TUI together and starts it: consoles, keys, screens, and the session they show. */
export function startClient(system: System, version: string): Client {
  const settings = readSettings(system)
  const consoles = new Consoles(system, settings.consoles)
  try {
    run(system, settings, consoles, version)
  } catch (error) {
    crash(consoles, error)
    system.exit(CRASHED)
  }
  return { crash: (error) => crash(consoles, error) }
}

/** Exit code of a TUI that met an error of its own. */
export const CRASHED = 70

function run(system: System, settings: Settings, consoles: Consoles, version: string): void {
  const { configuration, problem } = readConfiguration(system, settings)
  const reportUrl = settings.identity.server === '' ? configuration.reportUrl : `${settings.identity.server}/report`
  const facts = readMachineFacts(system, settings.identity)
  const { mac } = settings.identity
  const reporter = new Reporter(system, reportUrl, facts.uuid === '' ? { mac } : { mac, uuid: facts.uuid })
  const journal = new Journal((line) => consoles.print(line), reporter)

  const keys = new KeySource()
  let typedOn = consoles.first
  consoles.onInput((text, path) => {
    typedOn = path
    keys.push(text)
  })

  const sink = new FrameSink(consoles.size(), (lines) => consoles.show(lines))
  const onKey = (press: KeyPress) => {
    if (press.key === 'repaint') consoles.repaint()
    session.press(press, typedOn)
  }
  const rule = ruleOf(configuration.machines, facts)
  const entries = menuEntries({ system, settings }, configuration, rule)
  const screen = (state: State) => (
    <App
      version={version}
      identity={settings.identity}
      entries={entries}
      hasShell={configuration.shell !== 'off'}
      state={state}
      {...consoles.size()}
      onKey={onKey}
    />
  )
  let ink: ReturnType<typeof render> | undefined
  const session = new Session(
    { system, settings, journal, consoles },
    configuration,
    (terminal) => void openShell(system, settings, consoles, terminal),
    (state) => ink?.rerender(screen(state)),
  )
  reporter.report('phase1', settings.identity.hostname)
  // Before the first frame, which so shows the default and its countdown.
  if (problem) session.refuse(problem)
  else session.begin()
  ink = render(screen(session.state), {
    stdout: sink as unknown as NodeJS.WriteStream,
    stderr: sink as unknown as NodeJS.WriteStream,
    stdin: keys as unknown as NodeJS.ReadStream,
    debug: true,
    interactive: true,
    patchConsole: false,
    exitOnCtrlC: false,
  })
  // Ink ends when a component throws.
  ink.waitUntilExit().catch((error: unknown) => {
    crash(consoles, error)
    system.exit(CRASHED)
  })
}

/** A machine whose configuration is wrong shows that, and still offers a shell. */
function readConfiguration(
  system: System,
  settings: Settings,
): { configuration: ClientConfiguration; problem?: Failure } {
  try {
    const { configurationFile, identity } = settings
    const configuration = parseConfiguration(system.readFile(configurationFile), configurationFile)
    return { configuration: configurationFor(configuration, readMachineFacts(system, identity)) }
  } catch (error) {
    return { configuration: EMPTY, problem: toFailure(error) }
  }
}

const EMPTY: ClientConfiguration = {
  version: 1,
  reportUrl: '',
  timeout: -1,
  defaultOs: null,
  seedTime: 0,
  shell: 'open',
  aria2: { lpd: false, dht: false, pex: false, checkIntegrity: false, logLevel: 'notice' },
  oss: [],
  hypervisors: [],
  machines: [],
}

async function openShell(system: System, settings: Settings, consoles: Consoles, terminal: string): Promise<void> {
  // Two shells on one terminal would take each other's keys.
  if (!consoles.lend(terminal)) return
  const greeting = 'A shell of Phase-1. Type "exit" to go back to boottorrent.'
  const words = ['/bin/sh', '-c', 'echo "$1"; exec "$0"', settings.shell, greeting]
  await system.spawn({ words, terminal }).exit
  consoles.takeBack(terminal)
}

function crash(consoles: Consoles, error: unknown): void {
  const failure = toFailure(error)
  consoles.close([`boottorrent: failed ${cleanText(failure.message)}`, failure.todo, ...failure.details])
}
