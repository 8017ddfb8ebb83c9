import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'

const ROOTFS = join(import.meta.dirname, '../../../client/rootfs')
const files = readdirSync(ROOTFS, { recursive: true, encoding: 'utf8' }).filter((path) =>
  statSync(join(ROOTFS, path)).isFile(),
)
const scripts = files.filter(
  (path) => /^#!|\.sh$/.test(path) || readFileSync(join(ROOTFS, path), 'utf8').startsWith('#!'),
)

test('there are scripts to look at', () => {
  expect(scripts).toContain('init')
  expect(scripts.length).toBeGreaterThan(6)
})

describe.each(scripts)('%s', (script) => {
  const file = join(ROOTFS, script)

  test('is one that busybox can read', () => {
    execFileSync('busybox', ['sh', '-n', file])
  })

  test('may be executed if it is a program, and not if it is a part of one', () => {
    const program = readFileSync(file, 'utf8').startsWith('#!')
    expect((statSync(file).mode & 0o111) !== 0).toBe(program)
  })
})

test('sort_first puts the interface that the firmware booted from before the others', () => {
  const sort = (first: string) =>
    execFileSync(
      'busybox',
      ['sh', '-c', `. ./network.sh; printf 'eth0\\neth1\\neth10\\n' | sort_first "$1"`, 'sh', first],
      {
        cwd: join(ROOTFS, 'lib/boottorrent'),
        encoding: 'utf8',
      },
    )
      .trim()
      .split('\n')
  expect(sort('eth1')).toEqual(['eth1', 'eth0', 'eth10'])
  expect(sort('')).toEqual(['eth0', 'eth1', 'eth10'])
})

test('a host name from DHCP loses whatever could be more than a name', () => {
  const name = (hostname: string) =>
    execFileSync(
      'busybox',
      ['sh', '-c', '. ./network.sh; lease_hostname=$1 BT_MAC=52:54:00:12:34:56; machine_name', 'sh', hostname],
      {
        cwd: join(ROOTFS, 'lib/boottorrent'),
        encoding: 'utf8',
      },
    ).trim()
  expect(name('pc-07.room')).toBe('pc-07.room')
  expect(name('a b;reboot$(x)\n')).toBe('abrebootx')
  expect(name('x'.repeat(300))).toHaveLength(63)
  expect(name('')).toBe('machine-123456')
})

test('a line reaches the other consoles though one never takes it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'boottorrent-rootfs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  execFileSync('busybox', ['--install', '-s', bin])
  // Nobody reads: opening it waits for ever, as writing to a terminal does that was stopped.
  execFileSync('mkfifo', [join(folder, 'stopped')])
  writeFileSync(join(folder, 'screen'), '')
  const script = '. ./console.sh; PATIENCE=1; CONSOLES="$1/stopped $1/screen"; say "network \\n is up"; echo went on'
  const said = execFileSync(join(bin, 'sh'), ['-c', script, 'sh', folder], {
    cwd: join(ROOTFS, 'lib/boottorrent'),
    env: { PATH: bin },
    encoding: 'utf8',
    timeout: 20_000,
  })
  expect(said).toContain('went on')
  expect(readFileSync(join(folder, 'screen'), 'utf8')).toBe('boottorrent: network \\n is up\n')
})

test('firmware that a driver has asked for in vain is named, in the words of both kernels', () => {
  const folder = mkdtempSync(join(tmpdir(), 'boottorrent-rootfs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const kernelSays = `[    4.1] r8169 0000:01:00.0: firmware: failed to load rtl_nic/rtl8168g-2.fw (-2)
[    4.2] r8169 0000:01:00.0: Direct firmware load for rtl_nic/rtl8168g-2.fw failed with error -2
[    4.3] bnx2 0000:02:00.0: Direct firmware load for bnx2/bnx2-mips-09-6.2.1b.fw failed with error -2
[    4.4] e100 0000:03:00.0: firmware: direct-loading firmware e100/d101m_ucode.bin
`
  writeFileSync(join(folder, 'log'), kernelSays)
  const script = '. ./network.sh; dmesg_log=$1; dmesg() { cat "$dmesg_log"; }; missing_firmware'
  const said = execFileSync('busybox', ['sh', '-c', script, 'sh', join(folder, 'log')], {
    cwd: join(ROOTFS, 'lib/boottorrent'),
    encoding: 'utf8',
  })
  expect(said).toBe('bnx2/bnx2-mips-09-6.2.1b.fw\nrtl_nic/rtl8168g-2.fw\n')
})
