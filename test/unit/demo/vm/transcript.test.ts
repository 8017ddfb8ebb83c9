import { describe, expect, it } from 'vitest'
import { createTranscript } from '../../../../src/demo/vm/transcript.ts'

describe('a transcript', () => {
  it('finds a line that came before anybody waited, with the time it came', async () => {
    let clock = 1000
    const transcript = createTranscript('machine', () => clock)
    clock = 3500
    transcript.add('boottorrent: menu 1 systems')
    const found = await transcript.waitFor(/menu (\d+)/, 1)
    expect(found.at).toBe(2.5)
    expect(found.match[1]).toBe('1')
  })

  it('finds a line that comes later', async () => {
    const transcript = createTranscript('machine')
    const waiting = transcript.waitFor(/^marker$/, 5)
    transcript.add('something else')
    transcript.add('marker')
    expect((await waiting).text).toBe('marker')
  })

  it('finds a prompt, which is a line without an end', async () => {
    const transcript = createTranscript('machine')
    const waiting = transcript.waitForPrompt(/login: $/, 5)
    transcript.setPartial('debian lo')
    transcript.setPartial('debian login: ')
    expect((await waiting).text).toBe('debian login: ')
  })

  it('does not take half of a line for a line', async () => {
    const transcript = createTranscript('machine')
    const waiting = transcript.waitFor(/^address (\S+)/, 5)
    transcript.setPartial('address 172.30.0.1')
    transcript.add('address 172.30.0.143')
    expect((await waiting).match[1]).toBe('172.30.0.143')
  })

  it('fails with the last lines when the time is over', async () => {
    const transcript = createTranscript('machine 1', () => 0)
    transcript.add('Kernel panic')
    await expect(transcript.waitFor(/marker/, 0.01)).rejects.toThrow(
      /machine 1: \/marker\/ .*0\.01 s are over.*\n.*Kernel panic/,
    )
  })

  it('fails at once when the writer ends, for those who wait and those who come later', async () => {
    const transcript = createTranscript('machine 1')
    const waiting = transcript.waitFor(/marker/, 60)
    transcript.end('QEMU ended (1)')
    await expect(waiting).rejects.toThrow('QEMU ended (1)')
    await expect(transcript.waitFor(/marker/, 60)).rejects.toThrow('QEMU ended (1)')
  })

  it('still finds what was written before the writer ended', async () => {
    const transcript = createTranscript('machine 1')
    transcript.add('marker')
    transcript.end('switched off')
    expect((await transcript.waitFor(/marker/, 1)).text).toBe('marker')
  })
})
