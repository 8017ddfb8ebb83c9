import { describe, expect, test } from 'vitest'
import { demoRoom } from '../../../src/cli/demo-options.ts'
import { summaryFields, summaryLines } from '../../../src/cli/demo-summary.ts'
import { run } from '../../../src/cli/run.ts'
import { centralFloorSeconds, floorSeconds } from '../../../src/demo/figures.ts'
import { fakeIo } from './fake-io.ts'

const flags = { clients: '12', vm: '0', uplink: '20mbit', link: '100mbit', size: '16MB' }

describe('the flags', () => {
  test('are speeds as tc writes them, and sizes in powers of 10 and of 2', () => {
    expect(demoRoom(flags)).toEqual({ clients: 12, vm: 0, uplink: 20e6, link: 100e6, bytes: 16e6, central: true })
    const other = demoRoom({ ...flags, uplink: '1.5Gbit', link: '500kbit', size: '2MiB' })
    expect(other).toMatchObject({ uplink: 1.5e9, link: 5e5, bytes: 2 * 1024 * 1024 })
  })

  test('leave one server alone out where it would take very long, unless it is asked for', () => {
    expect(demoRoom({ ...flags, clients: '100' }).central).toBe(false)
    expect(demoRoom({ ...flags, clients: '100', central: true }).central).toBe(true)
    expect(demoRoom({ ...flags, central: false }).central).toBe(false)
  })

  test.each([
    ['clients', '0', 'a number of machines from 1 to 200'],
    ['clients', '201', 'a number of machines from 1 to 200'],
    ['clients', '1e1', 'a number of machines from 1 to 200'],
    ['vm', '9', 'a number of virtual machines from 0 to 8'],
    ['vm', '-1', 'a number of virtual machines from 0 to 8'],
    ['uplink', '20', 'a speed from 100kbit to 10gbit'],
    ['uplink', '-1mbit', 'a speed from 100kbit to 10gbit'],
    ['link', '1bit', 'a speed from 100kbit to 10gbit'],
    ['size', '1kB', 'a size from 1MB to 1GB'],
    ['size', '2GB', 'a size from 1MB to 1GB'],
  ])('--%s %s is refused with what to write', async (flag, value, hint) => {
    const io = fakeIo()
    expect(await run(['demo', `--${flag}`, value], io)).toBe(2)
    expect(io.errors()).toContain(`--${flag} ${value} cannot be used.`)
    expect(io.errors()).toContain(hint)
  })
})

describe('the summary', () => {
  const lesson = {
    ...{ booted: 12, seconds: 7, fromServer: 16e6, fromPeers: 176e6, serverBytes: 16e6 },
    ...{ damaged: 0, repeated: 0, load: 0.5, virtual: { wanted: 0, booted: 0 } },
  }
  const plain = (_: number, text: string) => text

  test('has the fields that scripts rely on', () => {
    const outcome = { room: demoRoom(flags), lesson, centralSeconds: 77 }
    expect(summaryFields(outcome)).toMatchObject({
      ...{ clients: 12, booted: 12, seconds: 7, imageBytes: 16e6, serverBytes: 16e6, peerBytes: 176e6 },
      ...{ serverRatio: 1, floorSeconds: 6.4, centralSeconds: 77, speedup: 11 },
    })
  })

  test('draws both ways as bars of the lengths that they took', () => {
    const lines = summaryLines({ room: demoRoom(flags), lesson, centralSeconds: 77 }, plain)
    const bar = (what: string) => lines.find((line) => line.startsWith(`  ${what}`))?.match(/█+/)?.[0].length
    expect(bar('one server')).toBe(44)
    expect(bar('shared')).toBe(4)
    const text = lines.join('\n')
    expect(text).toContain('the server sent 16.0 MB: 1.0 times the image')
    expect(text).toContain('the server sent 192 MB: 12.0 times the image')
    expect(text).toContain('Sharing was 11.0 times as fast as one server.')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  test('says it when one server was faster, as for few machines on slow cables', () => {
    const text = summaryLines({ room: demoRoom(flags), lesson, centralSeconds: 3.5 }, plain).join('\n')
    expect(text).toContain('One server was 2.0 times as fast as sharing.')
  })

  test('says who did not boot, and when the processor was what limited the room', () => {
    const slow = { ...lesson, booted: 10, seconds: 30, load: 0.95 }
    const text = summaryLines({ room: demoRoom(flags), lesson: slow, centralSeconds: undefined }, plain).join('\n')
    expect(text).toContain('2 of 12 machines did not boot.')
    expect(text).toContain('The processor of this computer was the limit')
    expect(text).toContain('One server alone would take 1 min 17 s at best (--central shows it).')
  })
})

test('real machines stand in the summary of their own, without a floor that their cables do not have', () => {
  const lesson = {
    ...{ booted: 2, seconds: 3.7, fromServer: 8e6, fromPeers: 24e6, serverBytes: 16e6 },
    ...{ damaged: 0, repeated: 0, load: 0.5, virtual: { wanted: 2, booted: 1 } },
  }
  const outcome = { room: demoRoom({ ...flags, clients: '2', vm: '2' }), lesson, centralSeconds: undefined }
  expect(summaryFields(outcome)).toMatchObject({
    clients: 2,
    booted: 2,
    vm: { wanted: 2, booted: 1 },
    floorSeconds: null,
  })
  const text = summaryLines(outcome, (_, line) => line).join('\n')
  expect(text).toContain('1 of 2 real machines (QEMU) booted among them.')
  expect(text).not.toContain('No way of sharing')
})

test('a program that virtual machines need and that is missing is named with its package', async () => {
  const io = fakeIo({ env: { PATH: '/nowhere' } })
  expect(await run(['demo', '--vm', '1'], io)).toBe(2)
  expect(io.errors()).toContain('--vm needs the program qemu-system-x86_64, which is not there.')
  expect(io.errors()).toContain('Debian: apt-get install qemu-system-x86')
})

test('the floors are those of the minimum distribution time', () => {
  const speeds = { host: 20e6, machine: 100e6 }
  expect(floorSeconds(12, 16e6, speeds)).toBeCloseTo(6.4)
  expect(floorSeconds(4, 16e6, { host: 100e6, machine: 10e6 })).toBeCloseTo(12.8)
  expect(centralFloorSeconds(12, 16e6, speeds)).toBeCloseTo(76.8)
})
