import { expect, test } from 'vitest'
import { binaryFrom, newestSource } from '../../../client/build/package-records.ts'

/** Printed by apt-cache show on Debian 12, shortened. */
const SHOWN = `Package: linux-image-686
Source: linux-signed-i386 (6.1.176+1)
Version: 6.1.176-1
Installed-Size: 13
Maintainer: Debian Kernel Team <debian-kernel@lists.debian.org>
Architecture: i386
Provides: linux-latest-modules-6.1.0-50-686
Depends: linux-image-6.1.0-50-686 (= 6.1.176-1)
Description: Linux for older PCs (meta-package)
 This package depends on the latest Linux kernel and modules for use on PCs
 without PAE support.
Filename: pool/main/l/linux-signed-i386/linux-image-686_6.1.176-1_i386.deb
Size: 1476
SHA256: e6e66cad478df4d2ddcd91ee2d7ddcaf17df522824d7883f75257c1bbdcc23ba
`

/** Printed by apt-cache showsrc, shortened. */
const source = (version: string) => `Package: kexec-tools
Binary: kexec-tools
Version: ${version}
Checksums-Sha256:
 1c43e03290f9fff07987a1b3db563b188762ae85110795abecbc319e944c1ff2 2004 kexec-tools_2.0.25-3+deb12u3.dsc
 7ce2e5def38ec04f79feb107d02243dd586fbc68569eccf02f44bad3a13ec07d 303884 kexec-tools_2.0.25.orig.tar.xz
Directory: pool/main/k/kexec-tools
`

test('reads a binary package with the source it was built from', () => {
  expect(binaryFrom(SHOWN)).toEqual({
    kind: 'binary',
    name: 'linux-image-686',
    version: '6.1.176-1',
    architecture: 'i386',
    bytes: 1476,
    sha256: 'e6e66cad478df4d2ddcd91ee2d7ddcaf17df522824d7883f75257c1bbdcc23ba',
    source: 'linux-signed-i386 6.1.176+1',
    depends: 'linux-image-6.1.0-50-686 (= 6.1.176-1)',
  })
})

test('a package without a source field was built from the source of its own name', () => {
  expect(binaryFrom(SHOWN.replace(/^Source.*\n/m, '')).source).toBe('linux-image-686 6.1.176-1')
  expect(binaryFrom(SHOWN.replace(/^Source.*$/m, 'Source: linux')).source).toBe('linux 6.1.176-1')
})

test('a record without a hash is refused', () => {
  expect(() => binaryFrom(SHOWN.replace(/^SHA256.*\n/m, ''))).toThrow('without sha256')
})

test('takes the newest of several source records, wherever it stands', () => {
  const text = [source('1:2.0.25-3+deb12u1'), source('1:2.0.25-3+deb12u3'), source('1:2.0.25-3')].join('\n')
  const newest = newestSource(text, 'kexec-tools')
  expect(newest.version).toBe('1:2.0.25-3+deb12u3')
  expect(newest.files).toEqual([
    {
      name: 'kexec-tools_2.0.25-3+deb12u3.dsc',
      bytes: 2004,
      sha256: '1c43e03290f9fff07987a1b3db563b188762ae85110795abecbc319e944c1ff2',
    },
    {
      name: 'kexec-tools_2.0.25.orig.tar.xz',
      bytes: 303884,
      sha256: '7ce2e5def38ec04f79feb107d02243dd586fbc68569eccf02f44bad3a13ec07d',
    },
  ])
})

test('another source package that apt names beside it is not taken', () => {
  const text = `${source('9').replace('kexec-tools\n', 'kexec-tools-extra\n')}\n${source('1')}`
  expect(newestSource(text, 'kexec-tools').version).toBe('1')
})

test('a source package that is not there is named', () => {
  expect(() => newestSource('', 'quickjs')).toThrow('no source package quickjs')
})
