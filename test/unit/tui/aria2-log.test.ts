import { expect, test } from 'vitest'
import { Aria2Log } from '../../../client/tui/aria2-log.ts'

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
