import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { init } from '../../../src/cli/init.ts'
import { run } from '../../../src/cli/run.ts'
import { type Interfaces, loadEnvironment } from '../../../src/environment/index.ts'
import { writeClient } from '../../interop/server/client-files.ts'
import { linux, temporaryEnvironment } from '../environment/temporary-environment.ts'
import { fakeIo } from './fake-io.ts'

function card(address: string) {
  return [
    {
      family: 'IPv4',
      address,
      netmask: '255.255.255.0',
      mac: '52:54:00:00:00:01',
      internal: false,
      cidr: null,
    } as const,
  ]
}

const one: Interfaces = { enp3s0: card('192.168.7.1') }
const two: Interfaces = { enp3s0: card('192.168.7.1'), wlan0: card('10.0.0.7') }

async function written(directory: string) {
  const text = await readFile(path.join(directory, 'Boottorrent.yaml'), 'utf8')
  const { configuration, problems, warnings } = await loadEnvironment(directory)
  return { text, network: configuration?.network, problems, warnings: warnings.map(({ code }) => code) }
}

test('the environment names the interface and its address, and is right', async () => {
  await using folder = await temporaryEnvironment({})
  const io = fakeIo({ cwd: folder.directory })
  expect(await init('lab', {}, io, one)).toBe(0)
  const { network, problems, warnings } = await written(path.join(folder.directory, 'lab'))
  expect(problems).toEqual([])
  expect(warnings).toEqual(['no-os'])
  expect(network).toMatchObject({ interfaces: ['enp3s0'], hostIps: ['192.168.7.1'], mode: 'auto' })
  expect(await readdir(path.join(folder.directory, 'lab/oss'))).toEqual(['README.md'])
  expect(io.output()).toContain('It serves the interface enp3s0 (192.168.7.1).')
  expect(io.output()).toContain('boottorrent start lab')
})

test('what the template shows as a comment is right when it is made a setting', async () => {
  await using folder = await temporaryEnvironment(linux('debian'))
  await init('.', {}, fakeIo({ cwd: folder.directory }), {})
  const { text } = await written(folder.directory)
  const settings = text.replaceAll(/^( *)# ((?:machines|default|interface|host_ip|range|lease):.*| {2}.*)$/gm, '$1$2')
  expect(settings).not.toBe(text)
  await writeFile(path.join(folder.directory, 'Boottorrent.yaml'), settings)
  const { problems, network } = await written(folder.directory)
  expect(problems).toEqual([])
  expect(network).toMatchObject({ interfaces: ['eth0'], hostIps: ['192.168.1.1'], lease: 43_200 })
})

test('the examples in the README of oss/ are right', async () => {
  await using folder = await temporaryEnvironment({})
  await init('.', {}, fakeIo({ cwd: folder.directory }), one)
  const readme = await readFile(path.join(folder.directory, 'oss/README.md'), 'utf8')
  const examples = [...readme.matchAll(/```yaml\n(.*?)```/gs)].map(([, example]) => example ?? '')
  expect(examples.length).toBe(3)
  const files = ['linux', 'initrd.gz', 'disc.iso', 'memtest'].map((name) => [name, 'x'])
  await using environment = await temporaryEnvironment({
    'Boottorrent.yaml': 'version: 1\nboot: {timeout: -1}\n',
    ...Object.fromEntries(
      examples.flatMap((example, index) => [
        [`oss/${index}/config.yaml`, example],
        ...files.map(([name, content]) => [`oss/${index}/${name}`, content]),
      ]),
    ),
  })
  const { configuration, problems } = await loadEnvironment(environment.directory)
  expect(problems).toEqual([])
  expect(configuration?.oss.map(({ method }) => method)).toEqual(['kexec', 'qemu', 'program'])
})

test('an environment that is there is never overwritten', async () => {
  await using folder = await temporaryEnvironment({ 'boottorrent.yaml': 'mine' })
  await expect(init('.', {}, fakeIo({ cwd: folder.directory }), one)).rejects.toThrow(
    `There is an environment in ${folder.directory} already.`,
  )
  expect(await readdir(folder.directory)).toEqual(['boottorrent.yaml'])
})

test('systems and a README that are there stay', async () => {
  await using folder = await temporaryEnvironment({ 'oss/README.md': 'mine', ...linux('debian') })
  expect(await init('.', {}, fakeIo({ cwd: folder.directory }), one)).toBe(0)
  expect(await readFile(path.join(folder.directory, 'oss/README.md'), 'utf8')).toBe('mine')
  expect((await loadEnvironment(folder.directory)).configuration?.oss.map(({ name }) => name)).toEqual(['debian'])
})

test('with several interfaces and nobody to ask, the file lists the choices', async () => {
  await using folder = await temporaryEnvironment({})
  const io = fakeIo({ cwd: folder.directory })
  expect(await init('.', {}, io, two)).toBe(0)
  const { text, network } = await written(folder.directory)
  expect(text).toContain('# One of enp3s0 (192.168.7.1), wlan0 (10.0.0.7):')
  expect(network).toMatchObject({ interfaces: [], hostIps: [] })
  expect(io.output()).toContain('Choose the interface to serve in it: enp3s0 (192.168.7.1), wlan0 (10.0.0.7).')
})

test.each([
  [['2'], 'wlan0'],
  [['enp3s0'], 'enp3s0'],
  [[''], undefined],
  [[], undefined],
  [['0', '3', 'eth7', ' wlan0 '], 'wlan0'],
  [['-1', ''], undefined],
])('a person who answers %j gets %s', async (answers, name) => {
  await using folder = await temporaryEnvironment({})
  const io = fakeIo({ cwd: folder.directory, terminal: true, answers })
  await init('.', {}, io, two)
  expect((await written(folder.directory)).network?.interfaces).toEqual(name === undefined ? [] : [name])
  expect(io.output()).toContain('  1  enp3s0  192.168.7.1\n  2  wlan0   10.0.0.7\n')
})

test('an answer that is no choice is named, with what can be typed, and the question is asked again', async () => {
  await using folder = await temporaryEnvironment({})
  const io = fakeIo({ cwd: folder.directory, terminal: true, answers: ['3', '1'] })
  await init('.', {}, io, two)
  expect(io.output()).toContain('"3" is none of them: type a number from 1 to 2, or a name.\n')
})

test('--demo adds a system that starts by itself, out of the files of the client', async () => {
  await using folder = await temporaryEnvironment({})
  const client = await writeClient(path.join(folder.directory, 'client'))
  const io = fakeIo({ cwd: folder.directory, env: { BOOTTORRENT_CLIENT: client } })
  expect(await init('lab', { demo: true }, io, one)).toBe(0)
  const lab = path.join(folder.directory, 'lab')
  const { configuration, problems, warnings } = await loadEnvironment(lab)
  expect([...problems, ...warnings]).toEqual([])
  expect(configuration?.boot.defaultOs).toBe('demo')
  expect(configuration?.oss).toMatchObject([
    {
      method: 'kexec',
      kernel: 'vmlinuz-amd64',
      initrds: ['base.img', 'drivers-amd64.img', 'demo.cpio'],
      cmdline: 'console=ttyS0,115200 console=tty0 quiet',
    },
  ])
  expect(await readFile(path.join(lab, 'oss/demo/base.img'), 'utf8')).toBe('content of base.img')
  expect(io.output()).toContain('Added lab/oss/demo, a small system to try it with.')
})

test('--demo without a client says so, and leaves nothing behind', async () => {
  await using folder = await temporaryEnvironment({})
  const io = fakeIo({ cwd: folder.directory, env: { BOOTTORRENT_CLIENT: '/nowhere/manifest.json' } })
  await expect(init('lab', { demo: true }, io, one)).rejects.toMatchObject({ code: 'CLIENT_MISSING' })
  expect(await readdir(folder.directory)).toEqual([])
})

test('--interface chooses without a question, and a wrong one is refused', async () => {
  await using folder = await temporaryEnvironment({})
  const io = fakeIo({ cwd: folder.directory })
  await expect(init('lab', { interface: 'wlan1' }, io, two)).rejects.toThrow('There is no network interface wlan1')
  expect(await init('lab', { interface: 'wlan0' }, io, two)).toBe(0)
  expect((await written(path.join(folder.directory, 'lab'))).network?.hostIps).toEqual(['10.0.0.7'])
})

test.each([
  [{}, 'boottorrent check lab', 'sudo boottorrent start lab'],
  [{ npm_lifecycle_event: 'npx' }, 'npx boottorrent check lab', 'sudo npx boottorrent start lab'],
  [{ npm_lifecycle_event: 'boottorrent' }, 'npm run boottorrent -- check lab', 'sudo npm run boottorrent -- start lab'],
])('what to type next begins as this command did (%j)', async (env, check, start) => {
  await using folder = await temporaryEnvironment({})
  const io = fakeIo({ cwd: folder.directory, env })
  await init('lab', {}, io, one)
  expect(io.output()).toContain(` add debian.iso --to lab\n  ${check}\n  ${start}\n`)
})

test('without a network the environment is written all the same', async () => {
  await using folder = await temporaryEnvironment({})
  const io = fakeIo({ cwd: folder.directory })
  expect(await init('.', {}, io, {})).toBe(0)
  expect((await written(folder.directory)).problems).toEqual([])
  expect(io.output()).toContain('No network interface has an address yet')
})

test('a file in the place of the folder is refused', async () => {
  await using folder = await temporaryEnvironment({ lab: 'x' })
  const io = fakeIo({ cwd: folder.directory })
  expect(await run(['init', 'lab'], io)).toBe(2)
  expect(io.errors()).toContain('is a file, not a folder.')
})

test('a folder whose name has a space is one word of what to type next', async () => {
  await using folder = await temporaryEnvironment({})
  const io = fakeIo({ cwd: folder.directory })
  await init("our teacher's lab", {}, io, one)
  const word = process.platform === 'win32' ? `"our teacher's lab"` : String.raw`'our teacher'\''s lab'`
  expect(io.output()).toContain(`boottorrent add debian.iso --to ${word}\n  boottorrent check ${word}\n`)
})

test('a name that is too long is refused in our words', async () => {
  await using folder = await temporaryEnvironment({})
  const tooLong = 'x'.repeat(300)
  await expect(init(tooLong, {}, fakeIo({ cwd: folder.directory }), one)).rejects.toMatchObject({
    code: 'FILE',
    message: expect.stringContaining('cannot be written: ENAMETOOLONG'),
  })
})
