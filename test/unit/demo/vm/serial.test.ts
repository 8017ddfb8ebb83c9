import { describe, expect, it } from 'vitest'
import { serialInto } from '../../../../src/demo/vm/serial.ts'
import { createTranscript } from '../../../../src/demo/vm/transcript.ts'

/** What the transcript holds after the console has sent these pieces. */
function lines(...pieces: (string | Uint8Array)[]): string[] {
  const transcript = createTranscript('test', () => 0)
  const write = serialInto(transcript)
  for (const piece of pieces) write(typeof piece === 'string' ? Buffer.from(piece) : piece)
  return transcript.lines.map(({ text }) => text)
}

describe('the serial console as lines', () => {
  it('takes colours, cursor keys and terminal modes out', () => {
    expect(lines('\u001b[1;31mred\u001b[0m \u001b[=3h\u001b[?25lplain\r\n')).toEqual(['red plain'])
  })

  it('joins a line and an escape sequence that arrive in pieces', () => {
    expect(lines('boottorrent: ph', 'ase1\u001b', '[3', '1m ok\u001b[0m\r', '\n')).toEqual(['boottorrent: phase1 ok'])
  })

  it('joins a character of several bytes that arrives in pieces', () => {
    const bytes = Buffer.from('│ menu │\n')
    expect(lines(bytes.subarray(0, 1), bytes.subarray(1, 2), bytes.subarray(2))).toEqual(['│ menu │'])
  })

  it('begins a new line where a full-screen program moves the cursor', () => {
    expect(lines('\u001b[2J\u001b[1;1Hfirst\u001b[2;5Hsecond\u001b[1A\u001b[2Kthird\n')).toEqual([
      'first',
      'second',
      'third',
    ])
  })

  it('keeps what was written last when a carriage return starts the line again', () => {
    expect(lines('10%\r20%\r\n')).toEqual(['20%'])
  })

  it('leaves lines of blanks out and control characters away', () => {
    expect(lines('\r\n   \r\n\u0007bell\u0000\n')).toEqual(['bell'])
  })

  it('survives bytes that are no text', () => {
    expect(lines(new Uint8Array([0xff, 0xfe, 0x80, 0x0a]), 'after\n')).toHaveLength(2)
  })
})
