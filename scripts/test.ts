// Runs the suite and closes with the counts in one plain line. `--all` takes the slow tests along; other words go to vitest.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[]
}

const folder = mkdtempSync(path.join(tmpdir(), 'boottorrent-test-'))
const report = path.join(folder, 'report.json')
const words = process.argv.slice(2).filter((word) => word !== '--all')
const isAll = words.length < process.argv.length - 2
try {
  const options = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...words]
  const vitest = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', ...options], {
    stdio: 'inherit',
    env: isAll ? { ...process.env, BOOTTORRENT_TEST_ALL: '1' } : process.env,
  })
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report
  // A file that could not even be loaded has no tests that could fail.
  const brokenFiles = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  const failed = numFailedTests + brokenFiles.length
  const isRed = vitest.status !== 0
  console.log(`${numPassedTests} passed, ${isRed ? Math.max(failed, 1) : failed} failed`)
  process.exitCode = vitest.status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
