import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { BoottorrentError } from '../../../src/errors.ts'
import type { Status, StatusChange } from '../../../src/status/index.ts'
import { openShownRoom, type ShownRoom, type ShownRoomOptions } from '../../lab/shown-room.ts'

const mac = '52:54:00:00:00:01'

const open = (options: ShownRoomOptions = {}) => openShownRoom({ withPage: false, ...options })

/** One answer to a request with headers that fetch would not send. */
function ask(room: ShownRoom, path: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${room.url}${path}`, { method, headers }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    sent.on('error', reject)
    sent.end()
  })
}

/** A browser on another address of this computer, which looks on. */
async function look(room: ShownRoom, from: string): Promise<IncomingMessage> {
  const { port } = new URL(room.url)
  const sent = request({ host: '127.0.0.1', port, path: '/api/events', localAddress: from, agent: false })
  sent.end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  answer.resume().on('error', () => {})
  return answer
}

interface Event {
  readonly name: string
  readonly value: unknown
}

/** The events of a stream, one after the other. */
async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Event> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true })
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n')
      text = text.slice(end + 2)
      const name = lines.find((line) => line.startsWith('event: '))?.slice(7)
      const data = lines.find((line) => line.startsWith('data: '))?.slice(6)
      if (name !== undefined && data !== undefined) yield { name, value: JSON.parse(data) }
    }
  }
}

async function next(events: AsyncGenerator<Event>): Promise<Event> {
  const { value } = await events.next()
  return value as Event
}

describe('GET /api/status', () => {
  it('answers with the status as JSON, which nobody keeps and no other site may read', async () => {
    await using room = await open()
    room.machines.observe(mac, 'menu', '<b>2 systems</b>', 'client')
    const answer = await fetch(`${room.url}/api/status`)
    const status = (await answer.json()) as Status
    expect(status).toMatchObject({
      version: 1,
      machines: [{ mac, phase: 'menu', step: { detail: '<b>2 systems</b>' } }],
    })
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('answers nobody who came by a name that was made to point here, nor another site', async () => {
    await using room = await open()
    for (const path of ['/api/status', '/api/events', `/api/machine?mac=${mac}`]) {
      expect(await ask(room, path, { host: 'evil.example' }), path).toBe(403)
      expect(await ask(room, path, { origin: 'http://evil.example' }), path).toBe(403)
    }
  })

  it('tells one machine with its timeline, and says when it does not know it', async () => {
    await using room = await open()
    room.machines.observe(mac, 'menu', '2 systems', 'client')
    const readDetail = async () => (await fetch(`${room.url}/api/machine?mac=${mac.toUpperCase()}`)).json()
    expect(await readDetail()).toMatchObject({ uuid: null })
    const uuid = '4c4c4544-0042-3510-8052-b4c04f4d3732'
    room.machines.describe(mac, { uuid }, 'client')
    expect(await readDetail()).toMatchObject({ mac, uuid, timeline: [{ step: 'menu', source: 'client' }] })
    expect((await fetch(`${room.url}/api/machine?mac=52:54:00:00:00:99`)).status).toBe(404)
    expect((await fetch(`${room.url}/api/machine`)).status).toBe(404)
  })
})

describe('GET /api/events', () => {
  it('begins with the whole status and goes on with what changes', async () => {
    await using room = await open()
    room.machines.observe(mac, 'discover', 'bios')
    const answer = await fetch(`${room.url}/api/events`)
    expect(answer.headers.get('content-type')).toBe('text/event-stream')
    const events = eventsOf(answer.body as ReadableStream<Uint8Array>)
    const first = await next(events)
    expect(first.name).toBe('status')
    expect((first.value as Status).machines).toHaveLength(1)
    room.machines.observe(mac, 'address', '192.0.2.7')
    room.pass(1)
    const second = await next(events)
    expect(second.name).toBe('change')
    expect((second.value as StatusChange).machines).toMatchObject([{ mac, step: { step: 'address' } }])
    await events.return(undefined)
  })

  it('says now and then that it is still there', async () => {
    await using room = await open({ limits: { heartbeat: 20 } })
    const answer = await fetch(`${room.url}/api/events`)
    let text = ''
    for await (const chunk of answer.body as ReadableStream<Uint8Array>) {
      text += Buffer.from(chunk).toString()
      if (text.includes(': here\n\n')) break
    }
    expect(text).toContain(': here\n\n')
  })

  it('takes so many viewers and no more, and has room again when one leaves', async () => {
    await using room = await open({ limits: { viewersPerAddress: 2 } })
    const leaving = new AbortController()
    await fetch(`${room.url}/api/events`, { signal: leaving.signal })
    await fetch(`${room.url}/api/events`)
    expect((await fetch(`${room.url}/api/events`)).status).toBe(503)
    leaving.abort()
    let status = 503
    while (status === 503) {
      status = (await fetch(`${room.url}/api/events`)).status
      if (status === 503) await delay(10)
    }
    expect(status).toBe(200)
  })

  it('lets somebody else look on when a few addresses have taken all places', async () => {
    await using room = await open({ address: '0.0.0.0', limits: { viewers: 4, viewersPerAddress: 2 } })
    const first = await look(room, '127.0.0.2')
    for (const address of ['127.0.0.2', '127.0.0.3', '127.0.0.3']) await look(room, address)
    const ended = once(first, 'close')
    expect((await look(room, '127.0.0.4')).statusCode).toBe(200)
    await ended
    expect((await look(room, '127.0.0.5')).statusCode).toBe(200)
    // Nobody has more than one place now, and nobody is pushed out by his equals.
    expect((await look(room, '127.0.0.6')).statusCode).toBe(503)
  })

  it('drops one that does not read, and goes on for the others', async () => {
    await using room = await open({ limits: { backlog: 100_000 } })
    const { hostname, port } = new URL(room.url)
    const stalled = connect(Number(port), hostname)
    stalled.pause()
    stalled.write(`GET /api/events HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`)
    const answer = await fetch(`${room.url}/api/events`)
    const events = eventsOf(answer.body as ReadableStream<Uint8Array>)
    await next(events)
    const closed = new Promise<void>((resolve) => stalled.once('close', () => resolve()))
    let isOver = false
    void closed.then(() => {
      isOver = true
    })
    // More than the system takes for a connection that nobody reads, whatever its buffers are.
    for (let round = 0; round < 3000 && !isOver; round++) {
      for (let one = 10; one < 60; one++)
        room.machines.observe(`52:54:00:00:00:${one}`, 'menu', `${round}`.repeat(40), 'client')
      room.pass(1)
      expect((await next(events)).name).toBe('change')
      // It is dropped when it reads again: until then the system keeps what was sent.
      if (round === 2000) stalled.resume()
    }
    stalled.resume()
    await closed
    await events.return(undefined)
  })
})

describe('what needs the token', () => {
  const body = JSON.stringify({ machines: [mac.toUpperCase()] })

  it('is not done without it, nor with another one, nor for another site', async () => {
    await using room = await open()
    const wrong = { authorization: `Bearer ${'b'.repeat(32)}` }
    const right = { authorization: `Bearer ${room.token}` }
    expect((await fetch(`${room.url}/api/wake`, { method: 'POST', body })).status).toBe(401)
    expect((await fetch(`${room.url}/api/wake`, { method: 'POST', body, headers: wrong })).status).toBe(401)
    expect(await ask(room, '/api/wake', { ...right, origin: 'http://evil.example' }, 'POST')).toBe(403)
    expect((await fetch(`${room.url}/api/wake?token=${room.token}`)).status).toBe(405)
    expect(room.woken).toEqual([])
  })

  it('wakes machines, and the room is told', async () => {
    await using room = await open()
    const headers = { authorization: `Bearer ${room.token}` }
    const answer = await fetch(`${room.url}/api/wake`, { method: 'POST', body, headers })
    expect(await answer.json()).toEqual({ ok: true, message: '1 woken' })
    expect(room.woken).toEqual([mac])
    expect(room.board.snapshot().events).toMatchObject([{ kind: 'wake', mac }])
  })

  it.each([
    ['not JSON', '{'],
    ['null', 'null'],
    ['no list', '{"machines":"all"}'],
    ['a list of something else', '{"machines":["all"]}'],
    ['too many', JSON.stringify({ machines: Array.from({ length: 1025 }, () => mac) })],
  ])('takes no body that is %s', async (_what, wrong) => {
    await using room = await open()
    const headers = { authorization: `Bearer ${room.token}` }
    const answer = await fetch(`${room.url}/api/wake`, { method: 'POST', body: wrong, headers })
    expect(answer.status).toBe(400)
    expect(await answer.text()).toMatch(/\.\n$/)
  })

  it('says what is wrong with the environment when it cannot be read again, and what is not offered', async () => {
    const reload = async () => {
      throw new BoottorrentError('CONFIGURATION', 'Boottorrent.yaml:3:1: a key is unknown.', { hint: 'Remove it.' })
    }
    await using room = await open({ reload })
    await using other = await open()
    const headers = { authorization: `Bearer ${room.token}` }
    const answer = await fetch(`${room.url}/api/reload`, { method: 'POST', headers })
    expect(answer.status).toBe(409)
    expect(await answer.json()).toMatchObject({ ok: false, code: 'CONFIGURATION', hint: 'Remove it.' })
    expect((await fetch(`${other.url}/api/reload`, { method: 'POST', headers })).status).toBe(501)
  })
})
