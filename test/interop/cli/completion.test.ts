/** Completion, asked of the shells themselves. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '../../../src/cli/run.ts'
import { fakeIo } from '../../unit/cli/fake-io.ts'

const runFile = promisify(execFile)
const shells = ['bash', 'zsh', 'fish'] as const
/** With two folders and a file in it. */
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'boottorrent-completion-'))
  for (const name of ['my lab', 'oss']) await mkdir(path.join(folder, name))
  await writeFile(path.join(folder, 'my image.iso'), '')
  for (const shell of shells) {
    const io = fakeIo()
    expect(await run(['completion', shell], io)).toBe(0)
    await writeFile(path.join(folder, `.${shell}`), io.output())
  }
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** Ended when it waits for what never comes. */
async function shell(name: string, ...words: string[]): Promise<string> {
  const env = { ...process.env, HOME: folder, LC_ALL: 'C.UTF-8' }
  return (await runFile(name, words, { cwd: folder, env, timeout: 30_000, killSignal: 'SIGKILL' })).stdout
}

/** What bash offers for the last of these words. */
async function bash(...words: string[]): Promise<string[]> {
  const asked =
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the braces are bash's
    'source .bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _boottorrent; printf "%s\\n" "${COMPREPLY[@]}"'
  const offered = await shell('bash', '--norc', '-c', asked, 'bash', 'boottorrent', ...words)
  return offered.split('\n').filter(Boolean).sort()
}

/** The same for fish, which completes a line. */
async function fish(line: string): Promise<string[]> {
  const offered = await shell('fish', '--no-config', '-c', 'source .fish; complete -C $argv[1]', `boottorrent ${line}`)
  return offered
    .split('\n')
    .filter(Boolean)
    .map((row) => row.split('\t')[0] ?? '')
    .sort()
}

test.each([
  ['bash', '-n', '.bash'],
  ['zsh', '-n', '.zsh'],
  ['fish', '--no-execute', '.fish'],
])('%s finds no mistake in its script', async (name, ...words) => {
  expect(await shell(name, ...words)).toBe('')
})

describe('bash', () => {
  test('completes commands, also among the flags of all', async () => {
    expect(await bash('s')).toEqual(['seed', 'start', 'status'])
    expect(await bash('--verbose', 'do')).toEqual(['doctor'])
    expect(await bash('--ver')).toEqual(['--verbose', '--version'])
  })

  test('completes the flags of a command', async () => {
    expect(await bash('check', '-')).toEqual(['--help', '--json', '-h'])
    expect(await bash('start', '--tf')).toEqual(['--tftp-port'])
    expect(await bash('version', '')).toEqual(['--help', '-h'])
  })

  test('completes what stands behind a flag or a command', async () => {
    expect(await bash('add', '--method', '')).toEqual(['bin', 'bin-qemu-x86_64', 'kexec'])
    expect(await bash('completion', '')).toEqual(['bash', 'fish', 'zsh'])
    expect(await bash('start', '--tftp-port', '')).toEqual([])
    expect(await bash('start', '--mode', '')).toEqual(['auto', 'dhcp', 'off', 'proxy'])
    expect(await bash('start', '--mode', '=')).toEqual(['auto', 'dhcp', 'off', 'proxy'])
    expect(await bash('start', '--mode', '=', 'p')).toEqual(['proxy'])
    expect(await bash('doctor', '--log-level', 'w')).toEqual(['warn'])
  })

  test('completes folders and files, with blanks in their names', async () => {
    expect(await bash('start', '')).toEqual(['my lab', 'oss'])
    expect(await bash('add', '--to', 'my')).toEqual(['my lab'])
    expect(await bash('add', 'vmlinuz', '--initrd', 'my')).toEqual(['my image.iso', 'my lab'])
    expect(await bash('wake', '--dir', 'o')).toEqual(['oss'])
    expect(await bash('add', 'my')).toEqual(['my image.iso', 'my lab'])
  })

  test('is registered for the name of the program', async () => {
    expect(await shell('bash', '--norc', '-c', 'source .bash; complete -p boottorrent')).toBe(
      'complete -F _boottorrent boottorrent\n',
    )
  })
})

test('fish completes commands, flags, values and folders', async () => {
  expect(await fish('s')).toEqual(['seed', 'start', 'status'])
  expect(await fish('check --')).toEqual(['--help', '--json'])
  expect(await fish('add --method ')).toEqual(['bin', 'bin-qemu-x86_64', 'kexec'])
  expect(await fish('completion ')).toEqual(['bash', 'fish', 'zsh'])
  expect(await fish('start --mode ')).toEqual(['auto', 'dhcp', 'off', 'proxy'])
  expect(await fish('start --mode=p')).toEqual(['--mode=proxy'])
  expect(await fish('wake --dir o')).toEqual(['oss/'])
  expect(await fish('add vmlinuz --initrd my')).toEqual(['my image.iso', 'my lab/'])
  expect(await fish('start ')).toEqual(['my lab/', 'oss/'])
})

/**
 * Types each of its arguments into an interactive zsh on a terminal of its own, presses Tab, and prints what the line is then:
 * zsh completes nowhere else.
 */
const TYPING_IN_ZSH = String.raw`
  zmodload zsh/zpty
  zpty shell zsh -f -i
  said() { local all; zpty -r shell all "*$1*"; print -r -- "$all" }
  zpty -w shell 'autoload -U compinit; compinit -u -D; source ./.zsh'
  # Control-T tells what the line is, Control-U empties it.
  zpty -w shell 'tell() { print -r -- "<$BUFFER>" }; zle -N tell; bindkey "^T" tell; PS1=rea""dy'
  said ready >/dev/null
  for line in "$@"; do
    zpty -n -w shell "boottorrent $line"$'\t\x14\x15'
    said '<boottorrent *>'
  done
  zpty -d shell`

test('zsh completes commands, flags, values, folders and files', async () => {
  const typed = [
    'doc',
    'check --j',
    'add --method k',
    'completion f',
    'start o',
    'add --to my',
    'add my\\ i',
    '--vers',
    ...['start --mode p', 'start --log-level=d', 'wake --dir o', 'add v --initrd my\\ i'],
  ]
  const shown = await shell('zsh', '-f', '-c', TYPING_IN_ZSH, 'zsh', ...typed)
  expect([...shown.matchAll(/<boottorrent (.*?) ?>/g)].map(([, line]) => line)).toEqual([
    ...['doctor', 'check --json', 'add --method kexec', 'completion fish', 'start oss/', 'add --to my\\ lab/'],
    ...['add my\\ image.iso', '--version'],
    ...['start --mode proxy', 'start --log-level=debug', 'wake --dir oss/', 'add v --initrd my\\ image.iso'],
  ])
})
