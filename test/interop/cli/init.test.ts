/** `init` on a real terminal, where it asks, and on real disks that refuse. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TmuxTerminal } from '../tui/terminal.ts'

const program = path.resolve(import.meta.dirname, '../../../dist/boottorrent.js')
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'boottorrent-init-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A computer with two networks, in a namespace of its own. */
async function asked(): Promise<TmuxTerminal> {
  const cards = ['lan0 192.168.7.1', 'lan1 10.0.0.7'].map((card) => {
    const [name, address] = card.split(' ')
    return `ip link add ${name} type bridge && ip address add ${address}/24 dev ${name} && ip link set ${name} up`
  })
  const words = [process.execPath, program, 'init', 'lab']
  const script = [`cd ${folder}`, ...cards, words.join(' '), 'echo ended with $?', 'exec sleep 1000000']
  return TmuxTerminal.open(100, 24, `exec unshare --user --map-root-user --net sh -c '${script.join('; ')}'`)
}

test('a wrong answer is asked again, and the right one stands in the file', async () => {
  await using terminal = await asked()
  await terminal.shows(/ 1 {2}lan0 {2}192\.168\.7\.1\n {2}2 {2}lan1 {2}10\.0\.0\.7\nWhich one/)
  terminal.type('3', 'Enter')
  await terminal.shows('"3" is none of them: type a number from 1 to 2, or a name.')
  terminal.type('2', 'Enter')
  expect(await terminal.shows('ended with 0')).toContain('It serves the interface lan1 (10.0.0.7).')
  expect(await readFile(path.join(folder, 'lab/Boottorrent.yaml'), 'utf8')).toContain('interface: "lan1"')
})

test('Ctrl+D leaves the choice to the file', async () => {
  await using terminal = await asked()
  await terminal.shows('Which one')
  terminal.type('C-d')
  expect(await terminal.shows('ended with 0')).toContain(
    'Choose the interface to serve in it: lan0 (192.168.7.1), lan1',
  )
})

test('Ctrl+C writes nothing', async () => {
  await using terminal = await asked()
  await terminal.shows('Which one')
  terminal.type('C-c')
  expect(await terminal.shows('ended with 2')).toContain('the command was interrupted.')
  expect(await readdir(folder)).toEqual([])
})

/** Runs `init lab` on a disk in memory that was prepared so; answers the exit code and what was said. */
function onDisk(prepare: string, target = 'lab'): { status: number | null; said: string; left: string } {
  const script = `mount -t tmpfs -o size=16k tmpfs "$0" && cd "$0" && ${prepare}; "$@"; code=$?; find . -type f; exit $code`
  const words = [process.execPath, program, 'init', target, '--interface', 'lo']
  const run = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', script, folder, ...words], {
    encoding: 'utf8',
  })
  return { status: run.status, said: run.stderr, left: run.stdout }
}

test('a full disk is named as such, and nothing is left that is in the way of the next attempt', () => {
  const { status, said, left } = onDisk('! head -c 1m /dev/zero 2>/dev/null >filler')
  expect(said).toContain(`There is no room left on the disk to write ${folder}/lab`)
  expect(status).toBe(1)
  expect(left).toBe('./filler\n')
})

test('a disk that may not be written to is a matter of rights', () => {
  const { status, said, left } = onDisk('mount -o remount,ro "$0"')
  expect(said).toContain(`This user may not write to ${folder}/lab`)
  expect(said).toContain('Choose a folder where this user may write')
  expect(status).toBe(3)
  expect(left).toBe('')
})

test('a place where nobody can make a folder is refused at once', () => {
  const { status, said } = onDisk('true', '/proc/no/lab')
  expect(said).toContain('/proc/no/lab cannot be written: ENOENT')
  expect(status).toBe(1)
})
