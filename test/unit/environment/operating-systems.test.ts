import { execFileSync } from 'node:child_process'
import { chmod, mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { formatProblem, loadEnvironment } from '../../../src/environment/index.ts'
import { linux, temporaryEnvironment } from './temporary-environment.ts'

type Files = Readonly<Record<string, string | Uint8Array>>

/** The systems of an environment, and what is wrong with them. */
async function load(files: Files, prepare?: (directory: string) => Promise<void>) {
  await using environment = await temporaryEnvironment({
    'Boottorrent.yaml': 'version: 1\nboot: {timeout: -1}\n',
    'oss/': '',
    ...files,
  })
  await prepare?.(environment.directory)
  const { configuration, problems, warnings } = await loadEnvironment(environment.directory)
  return {
    oss: configuration?.oss.map(({ directory: _, ...os }) => os),
    problems: problems.map((problem) => formatProblem(problem).split('\n')[0]),
    hints: problems.map(({ hint }) => hint),
    warnings: warnings.map(({ message }) => message),
  }
}

const kexec = 'dispname: A\nmethod: kexec\nkernel: vmlinuz\n'

test('a system may have no initrd, one, or several in their order', async () => {
  const { oss } = await load({
    'oss/a/config.yaml': 'dispname: A\nmethod: kexec\nkernel: ./k\n',
    'oss/a/k': 'k',
    'oss/b/config.yaml': 'dispname: B\nmethod: kexec\nkernel: k\ninitrd: [z/i2, i1]\ncmdline: |\n  one\n  two\n',
    'oss/b/k': 'k',
    'oss/b/z/i2': 'i',
    'oss/b/i1': 'i',
  })
  expect(oss).toEqual([
    { name: 'a', displayName: 'A', method: 'kexec', kernel: 'k', initrds: [], cmdline: '' },
    { name: 'b', displayName: 'B', method: 'kexec', kernel: 'k', initrds: ['z/i2', 'i1'], cmdline: 'one two' },
  ])
})

test('arguments are split as a shell splits them', async () => {
  const { oss } = await load({
    'oss/a/config.yaml': `dispname: A\nmethod: bin\nbin: p\nbinargs: --name "two words" --x='y z' plain\n`,
    'oss/a/p': 'p',
  })
  expect(oss).toEqual([
    { name: 'a', displayName: 'A', method: 'program', program: 'p', args: ['--name', 'two words', '--x=y z', 'plain'] },
  ])
})

test.each([
  [{ 'oss/a/': '' }, 'oss/a/config.yaml: the file is not there'],
  [{ 'oss/a/config.yaml/': '' }, 'oss/a/config.yaml: this is a folder'],
  [{ 'oss/a/config.yaml': '# nothing\n' }, 'oss/a/config.yaml: the file is empty'],
  [{ 'oss/a/config.yaml': 'method: kexec\nkernel: vmlinuz\n' }, 'oss/a/config.yaml:1:1: "dispname" is missing'],
  [{ 'oss/a/config.yaml': 'dispname: A\nmethod:\n' }, 'oss/a/config.yaml:2:1: "method" is missing'],
  [{ 'oss/a/config.yaml': 'dispname: A\nmethod: kexce\n' }, 'oss/a/config.yaml:2:9: there is no method "kexce"'],
  [{ 'oss/a/config.yaml': 'dispname: A\nmethod: kexec\n' }, 'oss/a/config.yaml:1:1: "kernel" is missing'],
  [{ 'oss/a/config.yaml': 'dispname: A\nmethod: bin\n' }, 'oss/a/config.yaml:1:1: "bin" is missing'],
  [{ 'oss/a/config.yaml': 'dispname: A\nmethod: qemu-iso\n' }, 'oss/a/config.yaml:1:1: "isofile" is missing'],
  [{ 'oss/a/config.yaml': 'dispname: A\nmethod: bin-qemu-x86_64\n' }, 'oss/a/config.yaml:1:1: "args" is missing'],
  [
    { 'oss/a/config.yaml': `${kexec}kernal: x\n`, 'oss/a/vmlinuz': 'k' },
    'oss/a/config.yaml:4:1: unknown key "kernal" in config.yaml',
  ],
  [{ 'oss/a/config.yaml': kexec }, 'oss/a/config.yaml:3:9: "vmlinuz" is not in the folder of the system'],
  [{ 'oss/a/config.yaml': kexec, 'oss/a/vmlinuz': '' }, 'oss/a/config.yaml:3:9: "vmlinuz" is empty'],
  [{ 'oss/a/config.yaml': kexec, 'oss/a/vmlinuz/': '' }, 'oss/a/config.yaml:3:9: "vmlinuz" is a folder'],
  [
    { 'oss/a/config.yaml': 'dispname: A\nmethod: kexec\nkernel: config.yaml\n' },
    'oss/a/config.yaml:3:9: config.yaml itself is not sent to the machines',
  ],
  [
    { 'oss/a/config.yaml': 'dispname: A\nmethod: kexec\nkernel: ../b/k\n', 'oss/b/k': 'k' },
    'oss/a/config.yaml:3:9: "../b/k" is outside the folder of the system',
  ],
  [
    { 'oss/a/config.yaml': 'dispname: A\nmethod: kexec\nkernel: x/../../../Boottorrent.yaml\n' },
    'oss/a/config.yaml:3:9: "x/../../../Boottorrent.yaml" is outside the folder of the system',
  ],
  [
    { 'oss/a/config.yaml': 'dispname: A\nmethod: kexec\nkernel: /etc/passwd\n' },
    'oss/a/config.yaml:3:9: "/etc/passwd" is an absolute path',
  ],
  [{ 'oss/a/config.yaml': 'dispname: A\nmethod: kexec\nkernel: .\n' }, 'oss/a/config.yaml:3:9: "." is a folder'],
  [
    { 'oss/a/config.yaml': 'dispname: A\nmethod: kexec\nkernel: [a, b]\n' },
    'oss/a/config.yaml:3:9: expected the name of a file in this folder, found a list',
  ],
  [
    { 'oss/a/config.yaml': 'dispname: A\nmethod: bin\nbin: p\nbinargs: "it\'s"\n', 'oss/a/p': 'p' },
    'oss/a/config.yaml:4:10: a quotation mark is never closed',
  ],
  [
    { 'oss/a/config.yaml': 'dispname: "A\\u001b[2J"\nmethod: bin\n' },
    'oss/a/config.yaml:1:11: the value contains control characters',
  ],
  [
    { 'oss/a/config.yaml': 'dispname: A\nmethod: bin-qemu-x86_64\nargs: -m 512 -cdrom gone.iso\n' },
    'oss/a/config.yaml:3:7: "gone.iso" is not in the folder of the system',
  ],
  [
    { 'oss/a/config.yaml': 'dispname: A\nmethod: bin-qemu-x86_64\nargs: -drive format=raw,file=gone.img\n' },
    'oss/a/config.yaml:3:7: "gone.img" is not in the folder of the system',
  ],
  [
    { 'oss/a/config.yaml': 'dispname: A\nmethod: bin-qemu-x86_64\nargs: -cdrom ../b/disc.iso\n' },
    'oss/a/config.yaml:3:7: "../b/disc.iso" is outside the folder of the system',
  ],
  [
    { 'oss/a/config.yaml': `${kexec}cmdline: ${'x'.repeat(2047)}\n`, 'oss/a/vmlinuz': 'k' },
    'oss/a/config.yaml:4:10: the value is longer than 2046 bytes',
  ],
] as [Files, string][])('%j is refused', async (files, problem) => {
  const { problems } = await load(files)
  expect(problems).toContain(problem)
  // Each is one mistake, and one is what the user is told of (the folder oss/b of some has no config.yaml).
  expect(problems.filter((line) => !line?.startsWith('oss/b/'))).toEqual([problem])
})

test('what only the client can know is left to QEMU', async () => {
  const args = '-hda /dev/sda -cdrom https://example.org/disc.iso -drive file=fat:rw:share -drive if=none,id=x'
  const { problems } = await load({ 'oss/a/config.yaml': `dispname: A\nmethod: bin-qemu-x86_64\nargs: ${args}\n` })
  expect(problems).toEqual([])
})

test('a misspelt file is told from its neighbours', async () => {
  const { hints } = await load({ 'oss/a/config.yaml': kexec, 'oss/a/vmlinux': 'k' })
  expect(hints).toEqual(['Did you mean "vmlinux"?'])
})

test('keys of another method are worth a warning', async () => {
  const { warnings } = await load({ 'oss/a/config.yaml': `${kexec}bin: x\n`, 'oss/a/vmlinuz': 'k' })
  expect(warnings).toEqual(['"bin" has no effect with the method kexec'])
})

test('an absolute path that 2018 took for one in the folder is one', async () => {
  const { oss, warnings } = await load({
    'oss/a/config.yaml': 'dispname: A\nmethod: kexec\nkernel: /boot/k\n',
    'oss/a/boot/k': 'k',
  })
  expect(oss?.[0]).toMatchObject({ kernel: 'boot/k' })
  expect(warnings).toEqual(['"/boot/k" is taken as a path in the folder of the system'])
})

test('two systems with one name are refused, also when Unicode writes it in two ways', async () => {
  const named = (name: string) => `dispname: ${name}\nmethod: kexec\nkernel: vmlinuz\n`
  const { problems } = await load({
    ...linux('a'),
    ...linux('b'),
    'oss/a/config.yaml': named('Caf\u00e9'),
    'oss/b/config.yaml': named('Cafe\u0301'),
  })
  expect(problems).toEqual(['oss/b/config.yaml:1:11: oss/a is called "Cafe\u0301" too'])
})

test('a symbolic link that leads out of the folder is refused, one that stays inside is not', async () => {
  const outside = await load({ 'oss/a/config.yaml': kexec, secret: 's' }, (directory) =>
    symlink('../../secret', path.join(directory, 'oss/a/vmlinuz')),
  )
  expect(outside.problems).toEqual(['oss/a/config.yaml:3:9: "vmlinuz" is a symbolic link that leads out of the folder'])
  const inside = await load({ 'oss/a/config.yaml': kexec, 'oss/a/vmlinuz-6.1': 'k' }, (directory) =>
    symlink('vmlinuz-6.1', path.join(directory, 'oss/a/vmlinuz')),
  )
  expect(inside.problems).toEqual([])
})

test('a link in the middle of a path leads out as well', async () => {
  const { problems } = await load(
    { 'oss/a/config.yaml': 'dispname: A\nmethod: kexec\nkernel: sub/k\n', 'elsewhere/k': 'k' },
    (directory) => symlink(path.join(directory, 'elsewhere'), path.join(directory, 'oss/a/sub')),
  )
  expect(problems).toEqual(['oss/a/config.yaml:3:9: "sub/k" is a symbolic link that leads out of the folder'])
})

test('links in a circle and links to nothing are told apart', async () => {
  const circle = await load({ 'oss/a/config.yaml': kexec }, (directory) =>
    symlink('vmlinuz', path.join(directory, 'oss/a/vmlinuz')),
  )
  expect(circle.problems).toEqual(['oss/a/config.yaml:3:9: "vmlinuz": the path is a circle of symbolic links'])
  const nothing = await load({ 'oss/a/config.yaml': kexec }, (directory) =>
    symlink('gone', path.join(directory, 'oss/a/vmlinuz')),
  )
  expect(nothing.problems).toEqual(['oss/a/config.yaml:3:9: "vmlinuz" is not in the folder of the system'])
})

test('the folder of a system may be a link to another disk', async () => {
  const { oss, problems } = await load({ 'disk/config.yaml': kexec, 'disk/vmlinuz': 'k' }, (directory) =>
    symlink(path.join(directory, 'disk'), path.join(directory, 'oss/a')),
  )
  expect(problems).toEqual([])
  expect(oss?.map(({ name }) => name)).toEqual(['a'])
})

test('hidden folders and files in oss/ are no systems', async () => {
  const { oss } = await load({ ...linux('a'), 'oss/.git/HEAD': 'x', 'oss/README.md': 'x' })
  expect(oss?.map(({ name }) => name)).toEqual(['a'])
})

test.each([
  ['with\nnewline', 'contains control characters'],
  ['back\\slash', 'contains a backslash'],
  [' blank', 'begins or ends with a blank'],
  ['ä'.repeat(121), 'is longer than 240 bytes'],
])('a folder named %j cannot travel', async (name, reason) => {
  const { problems } = await load(linux('a'), (directory) =>
    rename(path.join(directory, 'oss/a'), path.join(directory, 'oss', name)),
  )
  expect(problems).toEqual([expect.stringContaining(`the name of the folder ${reason}`)])
})

test('a folder whose name is not UTF-8 cannot travel', async () => {
  const { problems } = await load({}, async (directory) => {
    const name = Buffer.concat([Buffer.from(path.join(directory, 'oss/')), Buffer.from([0x61, 0xe4, 0x62])])
    await mkdir(name)
  })
  expect(problems).toEqual([expect.stringContaining('the name of the folder is not UTF-8')])
})

test('oss that is a file is refused', async () => {
  await using environment = await temporaryEnvironment({ 'Boottorrent.yaml': 'version: 1\n', oss: 'x' })
  const { problems } = await loadEnvironment(environment.directory)
  expect(problems.map(({ file, message }) => [file, message])).toEqual([['oss', 'oss is not a folder']])
})

test('a FIFO in the place of a kernel or a config.yaml does not hang anything', async () => {
  const { problems } = await load({ 'oss/a/config.yaml': kexec, 'oss/b/': '' }, async (directory) => {
    execFileSync('mkfifo', [path.join(directory, 'oss/a/vmlinuz'), path.join(directory, 'oss/b/config.yaml')])
  })
  expect(problems).toEqual([
    'oss/a/config.yaml:3:9: "vmlinuz" is not a regular file',
    'oss/b/config.yaml: this is not a regular file',
  ])
})

test('what no machine could download is found before anything is served', async () => {
  const { problems } = await load({ ...linux('a'), ...linux('b') }, async (directory) => {
    execFileSync('mkfifo', [path.join(directory, 'oss/a/pipe')])
    await symlink('/etc/hostname', path.join(directory, 'oss/b/link'))
  })
  expect(problems).toEqual([
    expect.stringMatching(/^oss\/a: .*\/oss\/a\/pipe is neither a file nor a folder/),
    expect.stringMatching(/^oss\/b: The symlink .*\/oss\/b\/link leads out of its folder, to \/etc\/hostname/),
  ])
})

test('a file that this user may not read is told from one that is missing', async () => {
  await using environment = await temporaryEnvironment({ 'Boottorrent.yaml': 'version: 1\n', ...linux('a') })
  const { directory } = environment
  await chmod(path.join(directory, 'oss/a/vmlinuz'), 0)
  await writeFile(path.join(directory, 'oss/a/config.yaml'), kexec)
  const asNobody = process.getuid?.() === 0
  // Root may read everything, so the check is made by somebody else.
  await chmod(directory, 0o755)
  if (asNobody) process.seteuid?.('nobody')
  try {
    const { problems } = await loadEnvironment(directory)
    expect(problems.map(({ code, message }) => [code, message])).toEqual([
      ['unreadable-file', '"vmlinuz": the file may not be read by this user'],
    ])
  } finally {
    if (asNobody) process.seteuid?.(0)
  }
})
