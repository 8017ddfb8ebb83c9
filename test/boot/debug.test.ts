/**
 * Help from afar: with `client.debug: true` a machine lets in whoever has the key of its environment, and nobody else. OpenSSH is the
 * one who asks.
 */
import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { labNetwork, openLab } from '../lab/lab.ts'
import { bootMachine } from '../lab/machine.ts'

/** Nothing of the user's own settings and keys, no questions. */
const options = ['BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'IdentitiesOnly=yes']
const words = ['-F', 'none', ...options.flatMap((option) => ['-o', option]), '-o', 'ConnectTimeout=30']

it('lets in the key of the environment by SSH, and no other key and no password', async () => {
  await using lab = await openLab(async (directory) => {
    await mkdir(join(directory, 'oss', 'demo'), { recursive: true })
    await writeFile(join(directory, 'oss', 'demo', 'kernel'), 'kernel')
    await writeFile(join(directory, 'oss', 'demo', 'config.yaml'), 'dispname: Demo\nmethod: kexec\nkernel: kernel\n')
    await writeFile(
      join(directory, 'Boottorrent.yaml'),
      `version: 1
boot: { timeout: -1 }
network: { interface: ${labNetwork.interface}, mode: dhcp, range: '${labNetwork.range.join(',')}' }
client: { debug: true, shell: false }
`,
    )
  })
  const mac = '52:54:00:b1:0d:eb'
  await using machine = await bootMachine(lab.lan, { firmware: 'bios', mac, cpu: 'pentium3', memory: 256 })
  const open = await machine.waitFor(/^boottorrent: debug ssh root@(\S+) is open/, 240)
  await machine.waitFor(/^boottorrent: menu 1 system/, 120)
  const target = `root@${open.match[1]}`
  const key = join(lab.environment, '.boottorrent', 'debug_key')
  const ssh = (...more: string[]) => lab.lan.run('ssh', [...words, ...more])

  expect(await ssh('-i', key, target, 'echo $((6 * 7)); id -un')).toBe('42\nroot\n')
  const log = await ssh('-i', key, target, 'boottorrent-log')
  expect(log).toMatch(/^== kernel messages$/m)
  expect(log).toContain(`boottorrent.server=http://${labNetwork.address}:8000`)

  const other = join(lab.environment, 'other_key')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other])
  await expect(ssh('-i', other, target, 'true')).rejects.toThrow(/Permission denied \(publickey\)/)
}, 600_000)
