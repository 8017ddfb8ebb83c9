// The entry of every npm script. Runs on the machine's own Node (20 or newer) with nothing installed, brings what is
// missing, and hands over to the project's Node. Progress goes to standard error: standard output belongs to the task.
import { spawn } from 'node:child_process'
import { buildClient, ensure32Bit, installDebianPackages, installNpmPackages, projectNode } from './setup.mjs'
import { benchPackages, buildPackages, qemuPackages, testPackages } from './system-packages.mjs'

const everything = [...buildPackages, ...qemuPackages, ...testPackages]
/** Tests and benches also run the client's 32-bit programs on this machine itself. */
const whole = { packages: everything, programs32: true, client: true, build: true }
const tasks = {
  setup: whole,
  demo: { packages: [...buildPackages, ...qemuPackages], client: true, build: true, run: ['scripts/demo.ts'] },
  test: { ...whole, run: ['scripts/test.ts'] },
  'test:boot': { ...whole, run: ['scripts/test.ts', 'test/boot'] },
  fuzz: { run: ['scripts/fuzz.ts'] },
  bench: { ...whole, packages: [...everything, ...benchPackages], run: ['bench/main.ts'] },
  boottorrent: { build: true, run: ['dist/boottorrent.js'] },
  build: { run: ['scripts/build.ts'] },
  'build:client': { packages: buildPackages, run: ['client/build/main.ts'] },
  'rebuild:client': { packages: buildPackages, run: ['scripts/rebuild-client.ts'] },
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
  if (task.packages) installDebianPackages(task.packages)
  if (task.programs32) ensure32Bit()
  if (task.client) buildClient()
  if (task.build && (await runNode(['scripts/build.ts', '--if-changed'])) !== 0) throw new Error('The build failed.')
  if (task.run) process.exitCode = await runNode([...task.run, ...words])
} catch (error) {
  console.error(`\n${error.message}`)
  process.exitCode = 1
}

/** Runs the project's Node until it ends and returns its exit code. Signals that are meant for it reach it. */
function runNode(words) {
  const child = spawn(projectNode(), words, { stdio: 'inherit' })
  // A terminal sends Ctrl+C to the child as well; a second SIGINT would mean "end at once".
  const passOn = (signal) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, passOn)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => {
      for (const signal of signals) process.off(signal, passOn)
      // What a signal ended did not succeed: shells report 128 and more.
      resolve(code ?? 128)
    })
  })
}
