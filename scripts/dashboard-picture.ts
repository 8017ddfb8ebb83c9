// Makes the picture of the dashboard in docs/images, of a lesson with machines that do not exist, in a real terminal of tmux.
//
//     node scripts/dashboard-picture.ts [folder]
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { TmuxTerminal } from '../test/interop/tui/terminal.ts'
import { buildShownDashboard } from '../test/lab/dashboard-program.ts'
import { screenToSvg } from '../test/lab/terminal-picture.ts'

const folder = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '../docs/images'))
const [columns, rows] = [124, 34]
await using program = await buildShownDashboard()
await using terminal = await TmuxTerminal.open(columns, rows, `${program.command} 24 141 picture`)
await terminal.shows(/q quit/)
await terminal.shows('ready: switch')
const file = path.join(folder, 'dashboard.svg')
writeFileSync(file, screenToSvg(terminal.screen('-e'), columns, rows))
console.log(file)
