import { expect, test } from 'vitest'
import { licencesOf } from '../../../client/build/licence.ts'

test('reads the short names of the machine-readable format', () => {
  const copyright = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: kexec-tools

Files: *
Copyright: 2003 Somebody
License: GPL-2

Files: util/*
License: BSD-2-clause

Files: debian/*
License: GPL-2

License: GPL-2
 On Debian systems, see /usr/share/common-licenses/GPL-2.
`
  expect(licencesOf(copyright)).toEqual(['BSD-2-clause', 'GPL-2'])
})

test('reads what an older copyright file refers to', () => {
  const copyright = `This package was put together by somebody.
The full text is in \`/usr/share/common-licenses/LGPL-2.1', that of the rest in
/usr/share/common-licenses/GPL-2.`
  expect(licencesOf(copyright)).toEqual(['GPL-2', 'LGPL-2.1'])
})

test('finds nothing where nothing is said', () => {
  expect(licencesOf('')).toEqual([])
  expect(licencesOf('Format: x\n\nLicense:\n')).toEqual([])
})
