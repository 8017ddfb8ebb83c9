import { expect, test } from 'vitest'
import { compareVersions } from '../../../client/build/debian-version.ts'

/** Each one older than the next; the order is that of dpkg --compare-versions. */
const RISING = [
  '0~rc1-1',
  '0',
  '1.0~beta1-1',
  '1.0-1~bpo1',
  '1.0-1',
  '1.0-1+b1',
  '1.0-1+deb12u1',
  '1.0-1+deb12u2',
  '1.0-1+deb12u10',
  '1.0-1.1',
  '1.0-10',
  '1.0a-1',
  '1.0+dfsg-1',
  '1.0.1-1',
  '1.9-1',
  '1.10-1',
  '1.35.0-4+deb12u1+b1',
  '6.1.99+1-1',
  '6.1.176-1',
  '2025.04.26-1',
]

test('orders versions as dpkg does', () => {
  expect([...RISING].reverse().sort(compareVersions)).toEqual(RISING)
})

test('an epoch beats everything after it', () => {
  expect(compareVersions('1:0.1-1', '9.9-9')).toBeGreaterThan(0)
  expect(compareVersions('2:1-1', '10:1-1')).toBeLessThan(0)
  expect(compareVersions('0:1-1', '1-1')).toBe(0)
})

test('a version without revision is the one with revision 0', () => {
  expect(compareVersions('1.0', '1.0-0')).toBe(0)
  expect(compareVersions('1.0-1-1', '1.0-1-2')).toBeLessThan(0)
})
