import path from 'node:path'
import { expect, test } from 'vitest'
import { loadEnvironment } from '../../../src/environment/index.ts'
import { temporaryEnvironment } from './temporary-environment.ts'

test('a placeholder that no machine can fill is a problem with its place, in systems and in machine rules', async () => {
  await using environment = await temporaryEnvironment({
    'Boottorrent.yaml': 'version: 1\nmachines:\n  - mac: 52:54:00:12:34:56\n    cmdline: name={{nmae}}\n',
    'oss/debian/vmlinuz': 'a kernel',
    'oss/debian/config.yaml':
      'dispname: Debian\nmethod: kexec\nkernel: vmlinuz\ncmdline: ip={{ip}} host={{hostnam}} {{}}\n',
  })
  const { problems } = await loadEnvironment(environment.directory)
  expect(problems.map(({ file, line, code, message, hint }) => [file, line, code, message, hint])).toEqual([
    [
      path.join('oss', 'debian', 'config.yaml'),
      4,
      'unknown-placeholder',
      expect.stringContaining('{{hostnam}}'),
      'Did you mean "{{hostname}}"?',
    ],
    [
      path.join('oss', 'debian', 'config.yaml'),
      4,
      'unknown-placeholder',
      expect.stringContaining('{{}}'),
      expect.stringContaining('{{mac}}'),
    ],
    ['Boottorrent.yaml', 4, 'unknown-placeholder', expect.stringContaining('{{nmae}}'), expect.any(String)],
  ])
})
