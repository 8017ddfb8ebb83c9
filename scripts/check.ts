// Type check, lint, format check and a look for what nobody uses, in one command. Prints each tool's findings and fails when any of them found something.
import { spawnSync } from 'node:child_process'

const checks = [
  { title: 'types', command: 'tsc', words: ['--noEmit', '-p', '.'] },
  { title: 'types of the web page', command: 'tsc', words: ['--noEmit', '-p', 'src/web/page'] },
  { title: 'lint and format', command: 'biome', words: ['check', '.'] },
  {
    title: 'unused files, exports and packages',
    command: 'knip',
    words: ['--no-progress', '--treat-config-hints-as-errors'],
  },
]

for (const { title, command, words } of checks) {
  console.log(`• ${title}`)
  const result = spawnSync(process.execPath, [`node_modules/.bin/${command}`, ...words], { stdio: 'inherit' })
  if (result.status !== 0) process.exitCode = 1
}
