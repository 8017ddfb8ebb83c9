import { describe, expect, test } from 'vitest'
import { answerFile, contentTypeOf, type FileRequest, pathOf } from '../../../src/http/answer.ts'

const answer = (headers: FileRequest['headers'], size = 1000) =>
  answerFile({ size, etag: '"v1"', contentType: 'text/plain', headers })

test('without conditions the whole file is sent', () => {
  expect(answer({})).toEqual({
    status: 200,
    headers: { 'Accept-Ranges': 'bytes', ETag: '"v1"', 'Content-Type': 'text/plain', 'Content-Length': 1000 },
    start: 0,
    end: 1000,
  })
})

describe('ranges', () => {
  test.each([
    ['bytes=0-99', 0, 100],
    ['bytes=900-', 900, 1000],
    ['bytes=-100', 900, 1000],
    ['bytes=-5000', 0, 1000],
    ['bytes=999-999', 999, 1000],
    ['bytes=500-99999', 500, 1000],
    ['Bytes=1-2', 1, 3],
  ])('%s', (range, start, end) => {
    expect(answer({ range })).toMatchObject({
      status: 206,
      start,
      end,
      headers: { 'Content-Range': `bytes ${start}-${end - 1}/1000`, 'Content-Length': end - start },
    })
  })

  test.each(['bytes=1000-', 'bytes=5000-6000', 'bytes=-0'])('%s cannot be satisfied', (range) => {
    expect(answer({ range })).toMatchObject({ status: 416, headers: { 'Content-Range': 'bytes */1000' } })
  })

  test('no range of an empty file can be satisfied', () => {
    expect(answer({ range: 'bytes=0-0' }, 0).status).toBe(416)
  })

  test.each(['bytes=0-1,5-9', 'lines=1-2', 'bytes=', 'bytes=-', 'bytes=9-1', 'bytes=a-b', 'bytes=0x1-2', '-', ''])(
    '%j is ignored',
    (range) => {
      expect(answer({ range }).status).toBe(200)
    },
  )

  test('a number that is too long is ignored', () => {
    expect(answer({ range: `bytes=0-${'9'.repeat(400)}` }).status).toBe(200)
  })

  test('If-Range: a part of the same file, the whole of another', () => {
    expect(answer({ range: 'bytes=0-9', 'if-range': '"v1"' }).status).toBe(206)
    expect(answer({ range: 'bytes=0-9', 'if-range': '"v0"' }).status).toBe(200)
    expect(answer({ range: 'bytes=0-9', 'if-range': 'Sun, 22 Nov 2026 21:00:00 GMT' }).status).toBe(200)
  })
})

test.each(['"v1"', '"v0", "v1"', 'W/"v1"', '*'])('If-None-Match %s: the client has it', (tags) => {
  expect(answer({ 'if-none-match': tags, range: 'bytes=0-1' })).toMatchObject({ status: 304, start: 0, end: 0 })
})

test('If-None-Match with another tag: the file is sent', () => {
  expect(answer({ 'if-none-match': '"v0"' }).status).toBe(200)
})

test.each([
  ['/boot.ipxe', '/boot.ipxe'],
  ['/a/b?x=1', '/a/b'],
  ['/a#b', '/a'],
  ['/%6fs/%C3%BC', '/os/ü'],
  ['http://host:80/a%20b?c', '/a b'],
  ['/../../etc/passwd', '/../../etc/passwd'],
])('the path of %s is %s', (target, path) => {
  expect(pathOf(target)).toBe(path)
})

test.each(['/%', '/%zz', '/%ff', '*', ''])('%j has no path', (target) => {
  expect(pathOf(target)).toBeUndefined()
})

test.each([
  ['loader/ipxe.EFI', 'application/efi'],
  ['boot.ipxe', 'text/plain; charset=utf-8'],
  ['vmlinuz', 'application/octet-stream'],
  ['a.cfg/kernel', 'application/octet-stream'],
  ['a.constructor', 'application/octet-stream'],
])('%s is %s', (name, type) => {
  expect(contentTypeOf(name)).toBe(type)
})
