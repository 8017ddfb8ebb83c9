import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Configuration } from '../../src/environment/configuration.ts'
import { type Access, clientConfiguration, packEnvironmentSegment } from '../../src/environment-segment.ts'

const nothing = { published: [], hypervisors: [] }
const rootfs = path.join(import.meta.dirname, '../../client/rootfs')

/** What the host makes of `client.shell` and `client.shell_password`. */
function configured(shell: boolean, shellPassword: string | undefined) {
  const client = { lpd: false, dht: false, pex: true, checkIntegrity: false, logLevel: 'notice', debug: false }
  const configuration = { boot: {}, client: { ...client, shell, shellPassword }, machines: [] }
  return clientConfiguration(configuration as unknown as Configuration, nothing, 'http://192.0.2.1:8000/report')
}

/** Unpacks the segment, as the kernel does, and returns the folder and what bsdtar says of each file. */
async function unpacked(client: ReturnType<typeof configured>, access?: Access) {
  const folder = await mkdtemp(path.join(tmpdir(), 'boottorrent-segment-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'segment')
  await writeFile(file, await packEnvironmentSegment(client, nothing, access))
  execFileSync('bsdtar', ['-xf', file, '-C', folder])
  return { folder, list: execFileSync('bsdtar', ['-tvf', file], { encoding: 'utf8' }) }
}

test.each([
  [true, undefined, 'open'],
  [true, '$6$salt$hash', 'password'],
  [false, undefined, 'off'],
  [false, '$6$salt$hash', 'off'],
])('shell: %s with the password %s: the scripts of /init read "%s"', async (shell, password, policy) => {
  const { folder } = await unpacked(configured(shell, password))
  const script = (await readFile(path.join(rootfs, 'lib/boottorrent/shell-policy.sh'), 'utf8')).replaceAll(
    '/boottorrent/config.json',
    path.join(folder, 'boottorrent/config.json'),
  )
  const asked = execFileSync('busybox', ['sh', '-c', `${script}\nshell_policy; shell_offer "(" ")"`], {
    encoding: 'utf8',
  })
  const offer = policy === 'off' ? '' : '("s" and Enter opens a shell)\n'
  expect(asked).toBe(`${policy}\n${offer}`)
})

test('the hash of the password and the key of remote help lie where the programs look, for root alone', async () => {
  const access = { shellPassword: '$6$salt$hash', debugKey: 'ssh-ed25519 AAAA boottorrent\n' }
  const { folder, list } = await unpacked(configured(true, access.shellPassword), access)
  expect(await readFile(path.join(folder, 'etc/shadow'), 'utf8')).toBe('root:$6$salt$hash:::::::\n')
  expect(await readFile(path.join(folder, 'root/.ssh/authorized_keys'), 'utf8')).toBe(access.debugKey)
  expect(list).toMatch(/^-rw------- .* etc\/shadow$/m)
  expect(list).toMatch(/^drwx------ .* root\/\.ssh$/m)
  expect(list).toMatch(/^-rw------- .* root\/\.ssh\/authorized_keys$/m)
})

test('without them there is neither, and the configuration says nothing of them', async () => {
  const client = configured(true, '$6$salt$hash')
  expect(JSON.stringify(client)).not.toContain('$6$')
  const { list } = await unpacked(configured(true, undefined))
  expect(list).not.toMatch(/shadow|ssh/)
})
