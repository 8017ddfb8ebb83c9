import { expect, test } from 'vitest'
import { parseReport } from '../../../src/http/report.ts'

const mac = '52:54:00:12:34:5A'

test('a report in order: the MAC address in lower case, nothing added', () => {
  const body = JSON.stringify({ mac, step: 'menu', detail: 'Debian', admin: true })
  expect(parseReport(body)).toEqual({ mac: '52:54:00:12:34:5a', step: 'menu', detail: 'Debian' })
})

test('control characters, escapes and line breaks of the detail are gone, and it is not endless', () => {
  const report = parseReport(JSON.stringify({ mac, step: 'failed', detail: `a\u001b[2J\n\u202e${'x'.repeat(2000)}` }))
  expect(report).toMatchObject({ detail: expect.stringMatching(/^a\?\[2J\?\?x+…$/) })
  expect((report as { detail: string }).detail).toHaveLength(256)
})

test.each([
  ['not JSON', '{', 'The report is not JSON.'],
  ['nothing', '', 'The report is not JSON.'],
  ['null', 'null', 'The report is not an object.'],
  ['a number', '7', 'The report is not an object.'],
  ['a list', '[]', 'mac is not a MAC address like 52:54:00:12:34:56.'],
  ['a short MAC address', '{"mac":"52:54:00","step":"menu","detail":""}', 'mac is not a MAC address'],
  ['a MAC address that is none', '{"mac":"../../../../../../","step":"menu","detail":""}', 'mac is not a MAC address'],
  ['no step', `{"mac":"${mac}","detail":""}`, 'step is none of phase1, '],
  ['an unknown step', `{"mac":"${mac}","step":"toString","detail":""}`, 'step is none of phase1, '],
  ['a detail that is no text', `{"mac":"${mac}","step":"menu","detail":{}}`, 'detail is not a text.'],
])('%s is refused with a sentence', (_what, body, sentence) => {
  expect(parseReport(body)).toContain(sentence)
})

test('the UUID of the firmware is kept, in lower case', () => {
  const uuid = '4C4C4544-0042-3510-8052-B4C04F4D3732'
  expect(parseReport(JSON.stringify({ mac, uuid, step: 'menu', detail: '' }))).toMatchObject({
    uuid: uuid.toLowerCase(),
  })
})

test.each([
  'none',
  '',
  7,
  null,
  '4c4c4544-0042-3510-8052-b4c04f4d3732\n',
  '00000000-0000-0000-0000-000000000000',
  'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
])('the UUID %j is none, and the report is taken without', (uuid) => {
  expect(parseReport(JSON.stringify({ mac, uuid, step: 'menu', detail: '' }))).toEqual({
    mac: mac.toLowerCase(),
    step: 'menu',
    detail: '',
  })
})
