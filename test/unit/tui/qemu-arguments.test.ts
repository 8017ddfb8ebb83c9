import { describe, expect, test } from 'vitest'
import { choosesDisplay, memoryNeed, qemuArguments } from '../../../client/tui/qemu-arguments.ts'

const MEBIBYTE = 1024 * 1024

const machine = {
  name: 'Rescue disc',
  available: 1024 * MEBIBYTE,
  is64Bit: true,
  hasKvm: false,
  processors: 4,
  hasScreen: true,
}

/** The word behind an option. */
function wordBehind(words: readonly string[], option: string): string | undefined {
  return words.includes(option) ? words[words.indexOf(option) + 1] : undefined
}

describe('words for QEMU', () => {
  test('end with those of the configuration, as they are', () => {
    const words = qemuArguments(['-cdrom', 'a b.iso', '-boot', 'd'], machine)
    expect(words.slice(-4)).toEqual(['-cdrom', 'a b.iso', '-boot', 'd'])
  })

  test('never let a guest write into files that are being seeded', () => {
    expect(qemuArguments(['-hda', 'disk.img'], machine)).toContain('-snapshot')
  })

  test('fill the screen, or the terminal where there is none', () => {
    expect(qemuArguments([], machine)).toEqual(expect.arrayContaining(['-display', 'sdl', '-full-screen']))
    const without = qemuArguments([], { ...machine, hasScreen: false })
    expect(wordBehind(without, '-display')).toBe('curses')
    expect(without).not.toContain('-full-screen')
  })

  test.each([['-nographic'], ['-vnc', ':0'], ['--display', 'none'], ['-curses']])(
    'leave the display to a configuration that says %s',
    (...args) => {
      expect(choosesDisplay(args)).toBe(true)
      expect(qemuArguments(args, machine)).not.toContain('sdl')
    },
  )

  test('use KVM with the whole processor where it works', () => {
    const words = qemuArguments([], { ...machine, hasKvm: true })
    expect([wordBehind(words, '-accel'), wordBehind(words, '-cpu'), wordBehind(words, '-smp')]).toEqual([
      'kvm',
      'host',
      '4',
    ])
    expect(wordBehind(qemuArguments([], machine), '-accel')).toMatch(/^tcg,/)
  })

  test('leave processor and accelerator to a configuration that says something of them', () => {
    const withKvm = { ...machine, hasKvm: true }
    expect(wordBehind(qemuArguments(['-cpu', 'qemu64', '-smp', '2'], withKvm), '-cpu')).toBe('qemu64')
    expect(qemuArguments(['-cpu', 'qemu64', '-smp', '2'], withKvm)).not.toContain('host')
    expect(qemuArguments(['-accel', 'tcg'], withKvm)).not.toContain('kvm')
    expect(qemuArguments(['-machine', 'q35,accel=tcg'], withKvm)).not.toContain('-accel')
    expect(qemuArguments(['-M', 'accel=tcg'], withKvm)).not.toContain('-accel')
  })

  test.each([
    ['-machine', 'q35'],
    ['-M', 'pc'],
    ['--machine', 'type=q35,vmport=off'],
  ])('choose the accelerator for a configuration that only names the kind of machine (%s %s)', (...args) => {
    expect(wordBehind(qemuArguments(args, { ...machine, hasKvm: true }), '-accel')).toBe('kvm')
    expect(wordBehind(qemuArguments(args, machine), '-accel')).toMatch(/^tcg,/)
  })

  test('give the guest what is free, less what the others here need', () => {
    expect(wordBehind(qemuArguments([], machine), '-m')).toBe('800M')
    expect(wordBehind(qemuArguments([], { ...machine, available: 16_384 * MEBIBYTE }), '-m')).toBe('15200M')
  })

  test('give the guest of a 32-bit QEMU no more than it can address', () => {
    const large = { ...machine, available: 16_384 * MEBIBYTE, is64Bit: false }
    expect(wordBehind(qemuArguments([], large), '-m')).toBe('1536M')
  })

  test('leave the memory to a configuration that names it', () => {
    const words = qemuArguments(['-m', '64'], machine)
    expect(words.filter((word) => word === '-m')).toHaveLength(1)
  })

  test('a name with a comma stays one name', () => {
    expect(wordBehind(qemuArguments([], { ...machine, name: 'a,debug-threads=on' }), '-name')).toBe(
      'a,,debug-threads=on',
    )
  })
})

test.each([
  [[], 192],
  [['-m', '512'], 672],
  [['-m', '2G'], 2208],
  [['--m', 'size=1.5g,slots=2'], 1696],
  [['-m', 'much'], 192],
  [['-m'], 192],
])('%j needs %i MiB beside its files', (args, mebibytes) => {
  expect(memoryNeed(args) / MEBIBYTE).toBe(mebibytes)
})
