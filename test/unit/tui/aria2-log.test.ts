import { describe, expect, test } from 'vitest'
import { Aria2Log } from '../../../client/tui/aria2-log.ts'
import { describeDamage } from '../../../client/tui/damage.ts'

/** What aria2 1.36.0 wrote when the tracker's port was closed. */
const refused = [
  '11/22 21:21:27 [ERROR] CUID#12 - Download aborted. URI=http://127.0.0.1:9/announce?info_hash=r~%BE%A9%94%2F%29C&peer_id=A2-1-36-0-%17&uploaded=0',
  'Exception: [AbstractCommand.cc:856] errorCode=1 Failed to establish connection, cause: Connection refused',
]

/** What it wrote when the tracker's answer was not one. */
const nonsense = [
  '11/22 21:21:36 [ERROR] GID#4a041e85cddf01a4 - Tracker request http://127.0.0.1:8999/announce?info_hash=r~%BE&numwant=50 failed',
  'Exception: [bencode2.cc:70] errorCode=25 Bencode decoding failed: error=-6',
]

function read(...lines: string[]) {
  const log = new Aria2Log()
  for (const line of lines) log.add(line)
  return log
}

test('a tracker that cannot be reached', () => {
  expect(read(...refused).trackerProblem).toBe('Failed to establish connection, cause: Connection refused')
})

test('a tracker that answers nonsense', () => {
  expect(read(...nonsense).trackerProblem).toBe('Bencode decoding failed: error=-6')
})

test('trouble with a peer is not the tracker’s', () => {
  const log = read(
    '11/22 21:21:27 [ERROR] CUID#9 - Download aborted. URI=192.0.2.7:6881',
    'Exception: [AbstractCommand.cc:856] errorCode=1 Connection reset by peer',
  )
  expect(log.trackerProblem).toBeUndefined()
})

test('keeps the last lines only, cleaned, and without the binary part of announce addresses', () => {
  const log = read(...Array.from({ length: 100 }, (_, index) => `line ${index}`), 'bell \x07', refused[0] ?? '')
  expect(log.lastLines.length).toBeLessThan(10)
  expect(log.lastLines.at(-2)).toBe('bell ?')
  expect(log.lastLines.at(-1)).toBe(
    '11/22 21:21:27 [ERROR] CUID#12 - Download aborted. URI=http://127.0.0.1:9/announce',
  )
})

describe('pieces with a wrong hash', () => {
  /** What aria2 with our patch writes. */
  const wrong = (index: number, sender: string) =>
    `11/27 11:20:01 [WARN] CUID#12 - we got wrong piece. index=${index} from=${sender}`

  test('are counted, each sender is named once', () => {
    const { damage } = read(wrong(7, '192.0.2.7'), wrong(9, '192.0.2.8'), wrong(7, '192.0.2.7'))
    expect(describeDamage(damage)).toBe('3 damaged pieces came, their last parts from 192.0.2.7, 192.0.2.8')
  })

  test('one is one piece, and a line that ends otherwise is none', () => {
    const { damage } = read(wrong(7, '192.0.2.7'), wrong(8, '192.0.2.7 or so'), 'we got wrong piece. index=9')
    expect(describeDamage(damage)).toBe('1 damaged piece came, its last part from 192.0.2.7')
  })

  test('of very many senders the first three are named', () => {
    const { damage } = read(...Array.from({ length: 200 }, (_, index) => wrong(index, `192.0.2.${index}`)))
    expect(describeDamage(damage)).toBe(
      '200 damaged pieces came, their last parts from 192.0.2.0, 192.0.2.1, 192.0.2.2 and others',
    )
  })
})
