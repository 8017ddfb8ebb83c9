// Runs the whole suite and closes with the counts in one plain line. Words after the task's name go to vitest.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const folder = mkdtempSync(path.join(tmpdir(), 'boottorrent-test-'))
const report = path.join(folder, 'report.json')
try {
  const words = [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ]
  const vitest = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', ...words], { stdio: 'inherit' })
  const counts = JSON.parse(readFileSync(report, 'utf8')) as { numPassedTests: number; numFailedTests: number }
  console.log(`${counts.numPassedTests} passed, ${counts.numFailedTests} failed`)
  process.exitCode = vitest.status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
