// The entry of every npm script. Runs on the machine's own Node (20 or newer) with nothing installed, brings what is
// missing, and hands over to the project's Node. Progress goes to standard error: standard output belongs to the task.
import { spawnSync } from 'node:child_process'
import { installNpmPackages, installSystemPackages, projectNode, restoreClient } from './setup.mjs'

const tasks = {
  setup: { client: true, qemu: true, run: [] },
  demo: { client: true, qemu: true, build: true, run: ['scripts/demo.ts'] },
  test: { client: true, qemu: true, tests: true, build: true, run: ['scripts/test.ts'] },
  bench: { client: true, qemu: true, tests: true, build: true, run: ['bench/main.ts'] },
  boottorrent: { build: true, run: ['dist/boottorrent.js'] },
  build: { run: ['scripts/build.ts'] },
  'build:client': { compilers: true, run: ['client/build/main.ts'] },
  check: { run: ['scripts/check.ts'] },
}

const [name, ...words] = process.argv.slice(2)
const task = tasks[name]
if (!task) {
  console.error(`There is no task "${name}". Tasks: ${Object.keys(tasks).join(', ')}.`)
  process.exit(2)
}

try {
  installNpmPackages()
  if (task.compilers) await installSystemPackages(['build'])
  if (task.client) await restoreClient()
  if (task.qemu) await installSystemPackages(task.tests ? ['qemu', 'test'] : ['qemu'])
  if (task.build) runNode(['scripts/build.ts', '--if-changed'])
  if (task.run.length > 0) process.exitCode = runNode([...task.run, ...words], { mayFail: true })
} catch (error) {
  console.error(`\n${error.message}`)
  process.exitCode = 1
}

/** Runs the project's Node and returns its exit code. */
function runNode(words, { mayFail = false } = {}) {
  const result = spawnSync(projectNode(), words, { stdio: 'inherit' })
  if (result.error) throw result.error
  // A task that a signal ended did not succeed: shells report 128 + the signal's number.
  const code = result.status ?? 128
  if (code !== 0 && !mayFail) throw new Error(`"${words.join(' ')}" failed: the reason stands above.`)
  return code
}
