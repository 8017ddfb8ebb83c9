/** Puts the page together: one store, fed by the server, and the parts that show it. */

import type { StatusEvent, StatusMachine } from '../../status/model.ts'
import { formatBytes, formatSpeed, percentage } from '../../ui/format.ts'
import { act, takeToken } from './actions.ts'
import { BootTimes } from './boot-times.ts'
import { connect } from './connection.ts'
import { trafficCurves } from './curves.ts'
import { Detail } from './detail.ts'
import { byId, clock, make, setData, setText } from './dom.ts'
import { type Flow, spreadOf } from './flows.ts'
import { Grid } from './grid.ts'
import { Picture } from './picture.ts'
import { bootingMachines, nameOf, Store } from './store.ts'
import { applyTheme, nextTheme } from './theme.ts'

const EVENTS_SHOWN = 60
const FLOWS_SHOWN = 24

const store = new Store()
const picture = new Picture(byId('picture'), byId<HTMLCanvasElement>('still'), byId<HTMLCanvasElement>('moving'))
const grid = new Grid(byId('room'), openDetail)
const times = new BootTimes(byId('times'))
const detail = new Detail()
let lastSpoken = 0

/** Shows everything anew, at most once a frame. */
let isDue = false
function show(): void {
  if (isDue) return
  isDue = true
  requestAnimationFrame(() => {
    isDue = false
    showAll()
  })
}

function showAll(): void {
  const { time } = store
  const machines = bootingMachines(store)
  showServer()
  showFigures(machines)
  picture.show(machines, time)
  showSpread(machines)
  showFlows(picture.flows)
  showSystems()
  showTraffic(time)
  times.show(machines, time)
  showEvents()
  grid.show(machines)
  byId('empty').hidden = machines.length > 0
  const others = store.machines.size - machines.length
  setText(byId('others'), others === 0 ? '' : `${others} other devices asked for an address`)
  detail.measure(machines)
  const open = detail.mac === undefined ? undefined : store.machines.get(detail.mac)
  if (open !== undefined) detail.show(open, time)
}

function showServer(): void {
  const { server } = store
  if (server === undefined) return
  setText(byId('server'), `${server.interface} ${server.address}`)
  byId('reload').hidden = !server.actions.includes('reload')
  byId('wake-all').hidden = !server.actions.includes('wake')
  byId('detail-wake').hidden = !server.actions.includes('wake')
}

function showFigures(machines: readonly StatusMachine[]): void {
  const count = (isIt: (machine: StatusMachine) => boolean) => String(machines.filter(isIt).length)
  setText(byId('count-machines'), String(machines.length))
  setText(
    byId('count-loading'),
    count(({ phase, stuck }) => phase === 'download' && stuck === null),
  )
  setText(
    byId('count-started'),
    count(({ phase, stuck }) => phase === 'started' && stuck === null),
  )
  const stuck = count((machine) => machine.stuck !== null)
  setText(byId('count-stuck'), stuck)
  setData(byId('count-stuck').parentElement as HTMLElement, 'some', stuck === '0' ? undefined : '')
  const fromServer = machines.reduce((sum, { progress }) => sum + (progress?.fromServer ?? 0), 0)
  const fromPeers = machines.reduce((sum, { progress }) => sum + (progress?.fromPeers ?? 0), 0)
  const percent = percentage(fromPeers, fromServer + fromPeers)
  const isKnown = fromServer + fromPeers > 0
  setText(byId('share'), isKnown ? `${percent} %` : '–')
  byId('split-peers').style.width = isKnown ? `${percent}%` : '0'
  byId('split-server').style.width = isKnown ? `${100 - percent}%` : '0'
}

/** How many machines have each part: the darker, the more. */
function showSpread(machines: readonly StatusMachine[]): void {
  const svg = byId<SVGSVGElement>('spread')
  while (svg.children.length < 64) {
    const part = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
    part.setAttribute('x', String(svg.children.length))
    part.setAttribute('width', '1.02')
    part.setAttribute('height', '1')
    svg.append(part)
  }
  for (const [index, share] of spreadOf(machines).entries()) {
    svg.children[index]?.setAttribute('fill-opacity', share.toFixed(2))
  }
}

function showFlows(flows: readonly Flow[]): void {
  const nameBy = (id: string) => {
    const machine = store.machines.get(id)
    return id === 'server' ? 'server' : machine === undefined ? id : nameOf(machine)
  }
  const rows = flows.slice(0, FLOWS_SHOWN).map(({ from, to, speed }) => {
    const row = make('tr')
    row.append(make('td', '', nameBy(from)), make('td', '', nameBy(to)), make('td', '', formatSpeed(speed)))
    return row
  })
  byId('flows').replaceChildren(...rows)
}

function showSystems(): void {
  const items = store.swarms.map(({ displayName, bytes, complete, incomplete, uploaded }) => {
    const times = bytes > 0 ? ` = ${(uploaded / bytes).toFixed(1)} × its size` : ''
    const words = `${displayName} (${formatBytes(bytes)}): ${complete} have it, ${incomplete} want it; the server sent ${formatBytes(uploaded)}${times}`
    return make('li', '', words)
  })
  byId('systems').replaceChildren(...items)
}

function showTraffic(time: number): void {
  const { server, peers, top } = trafficCurves(store.traffic, time, 300, 100)
  byId('curve-server').setAttribute('d', server)
  byId('curve-peers').setAttribute('d', peers)
  setText(byId('curve-top'), `${formatSpeed(top)} at the top`)
  const last = store.traffic.at(-1) ?? { server: 0, peers: 0 }
  const now = byId('speed-now')
  if (now.children.length === 0) now.append(make('b'), make('b'))
  const [fromServer, amongPeers] = [...now.children] as [Element, Element]
  setText(fromServer, `server ${formatSpeed(last.server)}`)
  setText(amongPeers, `machines ${formatSpeed(last.peers)}`)
  byId('curve').setAttribute(
    'aria-label',
    `Now ${formatSpeed(last.server)} from the server and ${formatSpeed(last.peers)} between machines`,
  )
}

function showEvents(): void {
  const list = byId('events')
  const shown = store.events.slice(-EVENTS_SHOWN).reverse()
  const newest = shown[0]?.id ?? 0
  if (list.dataset.newest === String(newest)) return
  list.dataset.newest = String(newest)
  list.replaceChildren(...shown.map(eventItem))
  const news = shown.filter(
    ({ id, kind, step }) => id > lastSpoken && (kind === 'stuck' || step === 'start' || step === 'failed'),
  )
  // What was there when the page was opened is not news.
  if (lastSpoken > 0 && news.length > 0) setText(byId('spoken'), news.slice(0, 3).map(eventWords).join('. '))
  lastSpoken = Math.max(lastSpoken, newest, 1)
}

function eventItem(event: StatusEvent): HTMLElement {
  const item = make('li')
  const isBad = event.kind === 'stuck' || event.step === 'failed' || event.step === 'trouble'
  setData(item, 'kind', isBad ? 'bad' : event.step === 'start' || event.step === 'running' ? 'good' : undefined)
  item.append(make('time', '', clock(event.time)), make('span', '', eventWords(event)))
  return item
}

function eventWords({ mac, kind, step, text }: StatusEvent): string {
  const machine = mac === null ? undefined : store.machines.get(mac)
  const who = machine === undefined ? (mac ?? '') : nameOf(machine)
  const what = kind === 'step' ? (step ?? '') : kind === 'stuck' ? 'stuck' : ''
  return [who, what].filter(Boolean).join(' ') + (who || what ? ': ' : '') + text
}

function openDetail(mac: string): void {
  const machine = store.machines.get(mac)
  if (machine !== undefined) detail.open(machine, store.time)
}

async function perform(path: '/api/wake' | '/api/reload', body: object): Promise<void> {
  const said = await act(path, body)
  if (said === undefined) return
  const message = byId('message')
  setText(message, said)
  message.hidden = false
  clearTimeout(hiding)
  hiding = setTimeout(() => {
    message.hidden = true
  }, 8000)
}
let hiding: ReturnType<typeof setTimeout> | undefined

function showConnection(isOn: boolean): void {
  const connection = byId('connection')
  setData(connection, 'state', isOn ? 'on' : 'off')
  setText(connection, isOn ? 'live' : 'the server does not answer; trying again')
}

takeToken()
applyTheme()
byId('theme').addEventListener('click', () => {
  nextTheme()
  picture.redraw()
})
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  applyTheme()
  picture.redraw()
})
picture.onPick(openDetail)
byId('wake-all').addEventListener('click', () => {
  void perform('/api/wake', { machines: bootingMachines(store).map(({ mac }) => mac) })
})
byId('reload').addEventListener('click', () => void perform('/api/reload', {}))
byId('detail-wake').addEventListener('click', () => {
  if (detail.mac !== undefined) void perform('/api/wake', { machines: [detail.mac] })
})
connect(store, { onChange: show, onState: showConnection })
// Times go on where nothing else happens.
setInterval(show, 1000)
