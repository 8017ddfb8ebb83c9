/**
 * Draws the curves of the swarm bench, time against the number of machines:
 *
 *     npm run --silent bench -- swarm --json > swarm.json
 *     node bench/draw-swarm.ts swarm.json docs/images/swarm.svg
 */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Result } from './harness.ts'
import { floorOf } from './lesson.ts'
import { EQUAL_LESSONS, secondsCase } from './swarm.ts'

const [from, to] = process.argv.slice(2)
if (from === undefined || to === undefined) throw new Error('Usage: draw-swarm.ts RESULT.json PICTURE.svg')

interface Point {
  readonly clients: number
  readonly seconds: number
}

const WIDTH = 720
const HEIGHT = 420
/** The space around the axes. */
const LEFT = 60
const RIGHT = 130
const TOP = 50
const BOTTOM = 80

const result = JSON.parse(readFileSync(from, 'utf8')) as Result
const curves = [
  { name: 'central HTTP (nginx)', color: '#c0392b', points: pointsOf((row) => row.peers.nginx ?? undefined) },
  { name: 'boottorrent', color: '#1f6fb2', points: pointsOf((row) => row.ours) },
  { name: 'floor', color: '#777777', points: EQUAL_LESSONS.map((lesson) => ({ ...lesson, seconds: floorOf(lesson) })) },
]
const mostClients = Math.max(...EQUAL_LESSONS.map(({ clients }) => clients))
const mostSeconds =
  Math.ceil(Math.max(...curves.flatMap(({ points }) => points.map(({ seconds }) => seconds))) / 20) * 20

writeFileSync(to, draw())

function pointsOf(value: (row: Result['rows'][number]) => number | undefined): Point[] {
  return EQUAL_LESSONS.flatMap(({ clients }) => {
    const row = result.rows.find((one) => one.case === secondsCase(clients))
    const seconds = row && value(row)
    return seconds === undefined ? [] : [{ clients, seconds }]
  })
}

function x(clients: number): number {
  return LEFT + ((WIDTH - LEFT - RIGHT) * clients) / mostClients
}

function y(seconds: number): number {
  return HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * seconds) / mostSeconds
}

function draw(): string {
  const { machine, node, date, rounds } = result
  const where = `${machine}, Node ${node}, ${date}, ${rounds === 1 ? 'one round' : `medians of ${rounds} rounds`}`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13">
<title>Seconds until the last machine is done, against the number of machines</title>
<rect width="100%" height="100%" fill="white"/>
<text x="${LEFT}" y="26" font-size="16">Seconds until the last machine has 256 MiB, every link 200 Mbit/s</text>
${grid()}
${curves.map(drawCurve).join('\n')}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 42}" text-anchor="middle">machines</text>
<text x="${LEFT}" y="${HEIGHT - 14}" font-size="11" fill="#555555">${escapeXml(where)}; all machines run on this one.</text>
</svg>
`
}

function grid(): string {
  const horizontal = Array.from({ length: mostSeconds / 20 + 1 }, (_, index) => {
    const seconds = index * 20
    const line = `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(seconds)}" y2="${y(seconds)}" stroke="#dddddd"/>`
    return `${line}<text x="${LEFT - 8}" y="${y(seconds) + 4}" text-anchor="end">${seconds}</text>`
  })
  const vertical = EQUAL_LESSONS.map(({ clients }) => {
    return `<text x="${x(clients)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${clients}</text>`
  })
  return [...horizontal, ...vertical].join('\n')
}

function drawCurve({ name, color, points }: (typeof curves)[number]): string {
  const line = points.map(({ clients, seconds }) => `${x(clients)},${y(seconds)}`).join(' ')
  const dots = points.map(
    ({ clients, seconds }) => `<circle cx="${x(clients)}" cy="${y(seconds)}" r="3" fill="${color}"/>`,
  )
  const last = points.at(-1)
  const label = last && `<text x="${x(last.clients) + 8}" y="${y(last.seconds) + 4}" fill="${color}">${name}</text>`
  return `<polyline points="${line}" fill="none" stroke="${color}" stroke-width="2"/>${dots.join('')}${label ?? ''}`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
