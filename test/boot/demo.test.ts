/** `npm run demo`, after its set-up: the first thing that anybody sees of boottorrent. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { demoIntact, demoMarker } from '../lab/demo-environment.ts'

const script = join(import.meta.dirname, '../../scripts/demo.ts')

interface Ended {
  readonly status: number
  readonly output: string
}

function demo(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [script, ...args], (_, output) => {
      resolve({ status: child.exitCode ?? -1, output })
    })
  })
}

describe('the demo', () => {
  it('boots a machine, shows its console in plain lines, and ends with the steps and their times', async () => {
    const { status, output } = await demo('--firmware', 'uefi')
    expect(output).toContain(`serial │ ${demoMarker}`)
    expect(output).toContain(`serial │ ${demoIntact}`)
    expect(output).toMatch(
      /at +took +step\n +0\.0 s +power on\n(.+\n)* *[\d.]+ s +[\d.]+ s +the operating system runs\n/,
    )
    expect(output, 'no terminal, no escape sequences').not.toContain('\u001b')
    expect(status).toBe(0)
  }, 400_000)

  it('says what it does not understand, and where to read on', async () => {
    const { status, output } = await demo('--firmware', 'coreboot')
    expect(output).toContain('There is no firmware "coreboot"')
    expect(output).toContain('--help')
    expect(status).toBe(2)
  })

  it('explains itself', async () => {
    const { status, output } = await demo('--help')
    expect(output).toMatch(/Usage: npm run demo -- \[options\]/)
    expect(status).toBe(0)
  })
})
