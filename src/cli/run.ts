import { Argument, Command, CommanderError, Option } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import { methods } from '../add/plan.ts'
import type { Shell } from '../completion/index.ts'
import { flags } from '../environment/overrides.ts'
import { BoottorrentError } from '../errors.ts'
import type { AddFlags } from './add.ts'
import type { DemoFlags } from './demo-options.ts'
import type { DoctorOptions } from './doctor.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import type { InitOptions } from './init.ts'
import type { Io } from './io.ts'
import { logError, reportError } from './report-error.ts'
import type { SeedOptions } from './seed.ts'
import type { WakeOptions } from './wake.ts'

/**
 * Runs one command line and returns the exit code. Throws nothing, ends no process.
 *
 * @param words what stands behind the program's name
 */
export async function run(words: readonly string[], io: Io): Promise<number> {
  let exitCode: number = exitCodes.done
  const program = commandLine(io, (code) => {
    exitCode = code
  })
  // Then it is printed as JSON.
  if (wantsJson(words)) silence(program)
  try {
    // Somebody who types only the name wants to know what there is.
    await program.parseAsync(words.length === 0 ? ['--help'] : [...words], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done
    const failure = error instanceof CommanderError ? usageError(error) : error
    const asJson = wantsJson(words)
    const verbose = program.opts().verbose === true
    if (asJson) {
      const { jsonLog } = await import('./log.ts')
      logError(failure, jsonLog(io, { level: 'error' }), 'command.failed')
    }
    // What is wrong with the command line has been printed. The stack is for people, always.
    if (failure === error && (verbose || !asJson)) reportError(error, io, { verbose })
    return exitCodeOf(failure)
  }
}

function silence(program: Command): void {
  for (const command of [program, ...program.commands]) command.configureOutput({ writeErr: () => {} })
}

/** Looks at the words themselves: a command line can be too wrong to say which option is whose. */
function wantsJson(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  return words.slice(0, end === -1 ? undefined : end).includes('--json')
}

/** The same as what commander prints: what is wrong, and perhaps in a line of its own what was meant. */
function usageError({ message }: CommanderError): BoottorrentError {
  const [wrong = '', ...guess] = message.replace(/^error: /, '').split('\n')
  return new BoottorrentError('USAGE', wrong, {
    hint: guess.join(' ') || 'Run "boottorrent --help" for what there is.',
  })
}

/** The commands are loaded when they run, so that none waits for what only another one needs. */
function commandLine(io: Io, done: (exitCode: number) => void): Command {
  const program = new Command('boottorrent')
    .description('Network-boots a room full of PCs over BitTorrent.')
    .usage('<command> [options]')
    .version(`boottorrent ${packageJson.version}`, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help; "boottorrent <command> --help" tells more')
    .helpCommand(false)
    .option('--verbose', 'print the stack of an error')
    .showSuggestionAfterError()
    .showHelpAfterError('Run "boottorrent --help" for what there is.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
    })
    .addHelpText(
      'after',
      examples(
        ['boottorrent init lab', 'make an environment in the folder lab'],
        ['boottorrent add debian.iso --to lab', 'put a system into it'],
        ['boottorrent check lab', 'see whether it is right'],
        ['sudo boottorrent doctor lab', 'see whether this computer can serve it'],
        ['sudo boottorrent start lab', 'serve it until Ctrl+C'],
        ['boottorrent demo', 'see a classroom boot on this computer'],
      ),
    )

  program
    .command('init')
    .description('write an environment: a commented Boottorrent.yaml and a folder for systems')
    .argument('[dir]', 'folder to make it in', '.')
    .option('--interface <name>', 'the network interface to serve')
    .option('--demo', 'add a small system that boots, to try it with')
    .addHelpText(
      'after',
      examples(
        ['boottorrent init lab', 'asks when several interfaces could be meant'],
        ['boottorrent init lab --interface eth1'],
        ['boottorrent init lab --demo', 'with a small Linux that runs in memory'],
      ),
    )
    .action(async (directory: string, options: InitOptions) => {
      const { init } = await import('./init.ts')
      done(await init(directory, options, io))
    })

  program
    .command('add')
    .description('make a system of a kernel, an ISO, a disk image, a root file system, a container image or a program')
    .argument('<path...>', 'one image, archive, folder or program, or a kernel with its initrds')
    .option('--to <dir>', 'folder of the environment', '.')
    .option('--name <name>', 'folder of the system in oss/; left out, it follows from the path')
    .option('--title <text>', 'name in the menu')
    .addOption(new Option('--method <method>', 'how to start it, when it is not to be chosen').choices(methods))
    .option('--cmdline <words>', 'kernel command line, or arguments for QEMU or the program')
    .option('--initrd <path...>', 'initrds behind those that the source has')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      examples(
        ['boottorrent add debian.iso', 'what the ISO boots, or the ISO in a virtual machine'],
        ['boottorrent add vmlinuz initrd.img --name rescue --cmdline "quiet"'],
        ['boottorrent add rootfs.tar.gz --to lab', 'a root file system that lives in memory'],
        ['boottorrent add image/', 'a container image (OCI layout)'],
      ),
    )
    .action(async (paths: string[], options: AddFlags) => {
      const { add } = await import('./add.ts')
      done(await add(paths, options, io))
    })

  program
    .command('check')
    .description('say whether an environment is right, and what to mend where')
    .argument('[dir]', 'folder of the environment', '.')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples(['boottorrent check'], ['boottorrent check lab --json']))
    .addHelpText('after', '\nThe exit code is 0 when the environment can be served, 2 when it cannot.')
    .action(async (directory: string, options: { json?: boolean }) => {
      const { check } = await import('./check.ts')
      done(await check(directory, options, io))
    })

  program
    .command('doctor')
    .description('say what would keep machines from booting, and what to do about it')
    .argument('[dir]', 'folder of the environment', '.')
    .option('--json', 'print one JSON object')
    .optionsGroup('Settings, which beat the file:')
    .addHelpText(
      'after',
      '\nLooks at environment, interfaces, ports, rights, other DHCP servers, firewall, memory, disk, client and images.' +
        '\nServes and changes nothing; as root it sees most.' +
        '\nExit codes, of the first failure: 0 ready, 1 failure, 2 configuration, 3 rights or port, 4 network conflict.',
    )
    .addHelpText('after', examples(['sudo boottorrent doctor lab'], ['sudo boottorrent doctor lab --json']))
    .action(async (directory: string, options: DoctorOptions) => {
      const { doctor } = await import('./doctor.ts')
      done(await doctor(directory, options, io))
    })
  addSettings(program, 'doctor')

  program
    .command('start')
    .description('serve an environment until Ctrl+C')
    .argument('[dir]', 'folder of the environment', '.')
    .option('--json', 'print one JSON object for each event')
    .option('--no-dashboard', 'print plain lines on a terminal too')
    .option('--plain', 'the same')
    .optionsGroup('Settings, which beat the file:')
    .addHelpText(
      'after',
      '\nEach setting can come from an environment variable too: BOOTTORRENT_HOST_IP for --host-ip. Flags beat variables.' +
        '\nExit codes: 0 stopped, 1 failure, 2 configuration, 3 missing rights or a port in use, 4 network conflict.',
    )
    .addHelpText(
      'after',
      examples(['sudo boottorrent start lab'], ['sudo boottorrent start lab --interface eth1 --mode proxy']),
    )
    .action(async (directory: string, options: Record<string, unknown>) => {
      const { start } = await import('./start.ts')
      done(await start(directory, options, io))
    })
  addSettings(program, 'start')

  program
    .command('status')
    .description('say what the running server knows of the machines')
    .argument('[dir]', 'folder of the environment', '.')
    .option('--json', 'print one JSON object, as GET /api/status answers')
    .optionsGroup('Settings that the server was started with, when they are not those of the file:')
    .addHelpText('after', examples(['boottorrent status lab'], ['boottorrent status lab --json']))
    .addHelpText('after', '\nThe exit code is 0 when the server answers.')
    .action(async (directory: string, options: { json?: boolean }) => {
      const { status } = await import('./status.ts')
      done(await status(directory, options, io))
    })
  addSettings(program, 'status', REACHING)

  program
    .command('wake')
    .description('switch machines on over the network (Wake-on-LAN)')
    .argument('[machine...]', 'MAC addresses, or names that the environment or the running server knows')
    .option('--dir <dir>', 'folder of the environment', '.')
    .option('--all', 'every machine that the environment or the running server knows')
    .option('--json', 'print one JSON object')
    .optionsGroup('Settings, which beat the file:')
    .addHelpText(
      'after',
      examples(['boottorrent wake teacher pc-07 --dir lab'], ['boottorrent wake 52:54:00:12:34:56 --interface eth1']),
    )
    .action(async (machines: string[], options: WakeOptions) => {
      const { wake } = await import('./wake.ts')
      done(await wake(machines, options, io))
    })
  addSettings(program, 'wake', REACHING)

  program
    .command('seed')
    .description('seed a copy of what another computer serves, so that the room has two uplinks')
    .argument('[dir]', 'a copy of the environment there, or of the folder of one system', '.')
    .requiredOption(
      '--of <address>',
      'the computer that runs "boottorrent start": 192.168.1.1 or http://192.168.1.1:8000',
    )
    .option('--port <port>', 'TCP port to seed on; 0 for any free one', '6881')
    .addOption(
      new Option('--tracker <url>', 'a tracker to announce to beside that of the computer (repeatable)').argParser(
        collect,
      ),
    )
    .option('--json', 'print one JSON object for each event')
    .addHelpText(
      'after',
      '\nEverything is compared with what is served there, by hash, before any of it is seeded; what is different is named.' +
        '\nMachines boot from there as before, and find both computers by its tracker. Needs no special rights.' +
        '\nExit codes: 0 stopped, 1 failure or nothing to seed, 2 command line, 3 a port in use.',
    )
    .addHelpText(
      'after',
      examples(
        ['boottorrent seed lab --of 192.168.1.1'],
        ['boottorrent seed lab/oss/debian --of http://192.168.1.1:8000'],
      ),
    )
    .action(async (directory: string, options: SeedOptions) => {
      const { seed } = await import('./seed.ts')
      done(await seed(directory, options, io))
    })

  program
    .command('demo')
    .description('show a classroom on this computer: simulated machines boot, with and without sharing')
    .option('--clients <number>', 'how many machines', '12')
    .option('--vm <number>', 'how many real machines beside them, in QEMU', '0')
    .option('--uplink <speed>', 'speed of the cable of the server', '20mbit')
    .option('--link <speed>', 'speed of the cable of each machine', '100mbit')
    .option('--size <size>', 'size of what each machine downloads', '16MB')
    .option('--central', 'compare with one server that gives everything, also in rooms of more than 25 machines')
    .option('--no-central', 'leave that comparison out')
    .option('--stay', 'keep the room, and its web page, until Ctrl+C')
    .option('--json', 'print one JSON object for each event')
    .option('--no-dashboard', 'print plain lines on a terminal too')
    .option('--plain', 'the same')
    .addHelpText(
      'after',
      '\nThe real server runs on the loopback interface, on ports that need no rights; the network is not touched.' +
        '\nWith --vm it runs on a network of its own inside this computer, with ports as they are; that needs QEMU.' +
        '\nThe machines do what firmware, loader, Phase-1 and aria2 do; only what they download is paced by their cables.' +
        '\nThe exit code is 0 when all machines have booted.',
    )
    .addHelpText(
      'after',
      examples(
        ['boottorrent demo', '12 machines, about two minutes'],
        ['boottorrent demo --clients 24 --no-central', 'twice as many, in nearly the same time'],
        ['boottorrent demo --vm 1', 'a real machine in QEMU boots among them'],
        ['boottorrent demo --uplink 50mbit --link 1gbit --size 64MB --stay'],
        ['boottorrent demo --clients 12 --json'],
      ),
    )
    .action(async (options: DemoFlags) => {
      const { demo } = await import('./demo.ts')
      done(await demo(options, io))
    })

  program
    .command('completion')
    .description('print a script with which a shell completes commands and flags')
    .addArgument(new Argument('<shell>', 'which shell it is for').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      examples(
        ['eval "$(boottorrent completion bash)"', 'in ~/.bashrc'],
        ['source <(boottorrent completion zsh)', 'in ~/.zshrc, behind compinit'],
        ['boottorrent completion fish | source', 'in ~/.config/fish/config.fish'],
      ),
    )
    .action(async (shell: Shell) => {
      const { completionScript } = await import('../completion/index.ts')
      io.stdout.write(completionScript(shell, program))
    })

  program
    .command('version')
    .description('print the version')
    .action(() => {
      io.stdout.write(`boottorrent ${packageJson.version}\n`)
    })

  for (const command of program.commands) {
    command.showHelpAfterError(`Run "boottorrent ${command.name()} --help" for what there is.`)
  }
  return program
}

/** Settings that tell where a server is to be found. */
const REACHING: readonly string[] = ['network.interface', 'network.host_ip', 'http.port']

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value]
}

/** Gives a command the settings as flags: all of them, or those that are named. */
function addSettings(program: Command, commandName: string, settings?: readonly string[]): void {
  const command = program.commands.find((candidate) => candidate.name() === commandName)
  for (const { name, placeholder, summary, setting, isRepeatable } of flags) {
    if (settings !== undefined && !settings.includes(setting)) continue
    const option = new Option(`--${name} <${placeholder}>`, summary)
    command?.addOption(isRepeatable ? option.argParser(collect) : option)
  }
}

function examples(...lines: readonly (readonly [command: string, effect?: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length))
  const shown = lines.map(([command, effect]) => (effect ? `  ${command.padEnd(width)}  ${effect}` : `  ${command}`))
  return `\nExamples:\n${shown.join('\n')}`
}
