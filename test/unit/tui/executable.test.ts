import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { LOOKED_AT, needsOf } from '../../../client/tui/executable.ts'

describe('what a program needs', () => {
  test('a program of this very machine, which its linker made: its processor and its loader', () => {
    const bytes = new Uint8Array(readFileSync('/bin/sh').subarray(0, LOOKED_AT))
    expect(needsOf(bytes)).toEqual({ machine: 'x86-64', interpreter: '/lib64/ld-linux-x86-64.so.2' })
  })

  test('a static program, as Debian builds busybox: no loader', () => {
    const bytes = new Uint8Array(readFileSync('/bin/busybox').subarray(0, LOOKED_AT))
    expect(needsOf(bytes)).toEqual({ machine: 'x86-64', interpreter: undefined })
  })

  test.each([
    ['#!/bin/bash\necho', '/bin/bash'],
    ['#! /usr/bin/env python3\n', '/usr/bin/env'],
    ['#!\n', undefined],
    ['#!', undefined],
    ['#!/bin/sh\r\necho', '/bin/sh\r'],
  ])('a script %j: its interpreter', (text, interpreter) => {
    expect(needsOf(Buffer.from(text))).toEqual({ machine: undefined, interpreter })
  })

  test.each([[''], ['\x7fELF'], ['echo hello\n'], [`\x7fELF${'\xff'.repeat(200)}`]])(
    'what is neither, or cut off, or damaged (%j): nothing is asked, nothing is thrown',
    (text) => {
      expect(needsOf(Buffer.from(text, 'latin1')).interpreter).toBeUndefined()
    },
  )
})
