import { describe, expect, test } from 'vitest'
import { parseConfiguration } from '../../../client/tui/configuration.ts'
import { Failure } from '../../../client/tui/failure.ts'
import { configuration, debian, tool } from './fixtures.ts'

const path = '/boottorrent/config.json'

function failureOf(value: unknown): Failure {
  const text = typeof value === 'string' || value === undefined ? value : JSON.stringify(value)
  try {
    parseConfiguration(text as string | undefined, path)
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('what the host wrote', () => {
  test('is read as it is', () => {
    expect(parseConfiguration(JSON.stringify(configuration), path)).toEqual(configuration)
  })

  test('may have no default', () => {
    const value = { ...configuration, defaultOs: null }
    expect(parseConfiguration(JSON.stringify(value), path).defaultOs).toBeNull()
  })
})

describe('a damaged configuration is refused in a sentence', () => {
  test.each([
    ['missing', undefined, 'The configuration /boottorrent/config.json is missing.'],
    ['cut short', '{"version":1,', 'The configuration /boottorrent/config.json is not JSON.'],
    ['not an object', '[]', 'is wrong: it is not an object.'],
    ['of a later version', { ...configuration, version: 2 }, 'its version is 2, this client reads version 1'],
    ['without a countdown', { ...configuration, timeout: '10' }, 'timeout is not a number'],
    ['without aria2', { ...configuration, aria2: undefined }, 'aria2 is not an object'],
    ['with half of aria2', { ...configuration, aria2: { lpd: true } }, 'aria2.dht is neither true nor false'],
    ['with a default that is not there', { ...configuration, defaultOs: 'bsd' }, 'defaultOs "bsd" is not one of oss'],
    [
      'with an unknown method',
      { ...configuration, oss: [{ ...debian, method: 'magic' }] },
      'method "magic" is unknown',
    ],
    ['without a kernel', { ...configuration, oss: [{ ...debian, kernel: undefined }] }, 'kernel is not a path'],
    ['with a program elsewhere', { ...configuration, oss: [{ ...tool, program: '/bin/sh' }] }, 'program is not a path'],
    [
      'with a loader that is no path',
      { ...configuration, oss: [{ ...tool, loader: 7 }] },
      'loader is neither text nor null',
    ],
    ['that climbs out', { ...configuration, oss: [{ ...debian, initrds: ['../../etc/passwd'] }] }, 'initrds are not'],
    [
      'whose program has no length',
      { ...configuration, oss: [{ ...tool, programBytes: '9' }] },
      'programBytes is not a length',
    ],
    ['of no length', { ...configuration, oss: [{ ...debian, initrdBytes: undefined }] }, 'initrdBytes is not a length'],
    [
      'with a path for a name',
      { ...configuration, oss: [{ ...debian, name: '../x' }] },
      'oss[0]: name is not the name',
    ],
  ])('%s', (_what, value, sentence) => {
    const failure = failureOf(value)
    expect(failure.message).toContain(sentence)
    expect(failure.todo).not.toBe('')
  })
})
