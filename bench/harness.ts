/** What every suite needs: rounds in turn, medians, ratios, and one JSON object in the end. */
import os from 'node:os'

/** One measured case. */
export interface Row {
  readonly case: string
  readonly unit: string
  readonly better: 'higher' | 'lower'
  readonly ours: number
  /** The peers' medians; null for one that could not be run. */
  readonly peers: Readonly<Record<string, number | null>>
  /** Ours against the best peer, turned so that above 1 is better; null without a peer. */
  readonly ratio: number | null
  /** What `ratio` has to reach; in a row without peers, what `ours` has to. */
  readonly goal: number
  readonly ok: boolean
}

export interface Result {
  readonly suite: string
  readonly machine: string
  readonly node: string
  /** ISO 8601, the day. */
  readonly date: string
  readonly rounds: number
  readonly rows: readonly Row[]
  /** Anything a reader of the numbers should know. */
  readonly notes?: readonly string[]
}

export interface SuiteOptions {
  readonly rounds: number
  /** Progress for people; goes to standard error. */
  note(line: string): void
}

/** A suite brings its rows; the harness does the rest. */
export type Suite = (options: SuiteOptions) => Promise<{ rows: Row[]; notes?: string[] }>

/** What one round of one competitor measured, by case. */
export type Measurement = Readonly<Record<string, number>>

export interface Competitor {
  readonly name: string
  /** Measures every case that this competitor can do. Throws when it cannot be run at all. */
  measure(): Promise<Measurement>
}

export interface CaseGoal {
  readonly case: string
  readonly unit: string
  readonly better: 'higher' | 'lower'
  readonly goal: number
  /** A value of ours that is good enough, whatever the peers reach. */
  readonly enough?: number
  /** The peers of this case. */
  readonly peers: readonly string[]
}

/** Runs ours and the peers in turn, `rounds` times, and turns the medians into rows. */
export async function compete(
  ours: Competitor,
  peers: readonly Competitor[],
  goals: readonly CaseGoal[],
  { rounds, note }: SuiteOptions,
): Promise<Row[]> {
  const measured = new Map<string, Measurement[]>()
  for (let round = 1; round <= rounds; round += 1) {
    for (const competitor of [ours, ...peers]) {
      try {
        const measurement = await competitor.measure()
        measured.set(competitor.name, [...(measured.get(competitor.name) ?? []), measurement])
        note(`round ${round}, ${competitor.name}: ${describe(measurement)}`)
      } catch (error) {
        if (competitor === ours) throw error
        note(`round ${round}, ${competitor.name} could not be run: ${(error as Error).message}`)
      }
    }
  }
  const medianOf = (name: string, wanted: string): number | null => {
    const values = (measured.get(name) ?? []).flatMap((one) => one[wanted] ?? [])
    return values.length > 0 ? rounded(median(values)) : null
  }
  return goals.map((goal) => {
    const value = medianOf(ours.name, goal.case)
    if (value === null) throw new Error(`${ours.name} did not measure "${goal.case}".`)
    const theirs = Object.fromEntries(goal.peers.map((peer) => [peer, medianOf(peer, goal.case)]))
    return makeRow(goal, value, theirs)
  })
}

function makeRow(goal: CaseGoal, ours: number, peers: Record<string, number | null>): Row {
  const known = Object.values(peers).filter((value) => value !== null)
  const higher = goal.better === 'higher'
  const best = known.length === 0 ? null : higher ? Math.max(...known) : Math.min(...known)
  const ratio = best === null ? null : rounded(higher ? ours / best : best / ours)
  const reached = higher ? ours >= goal.goal : ours <= goal.goal
  const { case: name, unit, better } = goal
  const enough = goal.enough !== undefined && (higher ? ours >= goal.enough : ours <= goal.enough)
  // A case that has peers is only won against one of them.
  const ok = enough || (goal.peers.length === 0 ? reached : ratio !== null && ratio >= goal.goal)
  return { case: name, unit, better, ours, peers, ratio, goal: goal.goal, ok }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}

/** Three significant places are more than such a measurement is worth. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4))
}

function describe(measurement: Measurement): string {
  return Object.entries(measurement)
    .map(([name, value]) => `${name} ${rounded(value)}`)
    .join('; ')
}

/** The machine in one line. */
export function machine(): string {
  const processors = os.cpus()
  const memory = Math.round(os.totalmem() / 2 ** 30)
  const release = os.release().split('.').slice(0, 2).join('.')
  return `${processors.length} × ${processors[0]?.model.trim()}, ${memory} GB, ${os.type()} ${release}`
}

/** The rows as a table for people. */
export function table({ suite, machine: where, node, rounds, rows, notes = [] }: Result): string {
  const lines = rows.map((row) => {
    const peers = Object.entries(row.peers).map(([name, value]) => `${name} ${value ?? 'not run'}`)
    const against = row.ratio === null ? `goal ${row.goal}` : `ratio ${row.ratio}, goal ${row.goal}`
    return `${row.ok ? '✓' : '✗'} ${row.case}: ${row.ours} ${row.unit} (${[...peers, against].join(', ')})`
  })
  return [`${suite}: medians of ${rounds} rounds, ${where}, Node ${node}`, ...lines, ...notes].join('\n')
}
