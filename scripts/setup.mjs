// Brings what a fresh machine lacks: npm packages, Debian packages, the built client. Each step knows when it is done and
// then costs nothing. Plain JavaScript for Node 20, because it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { emulate32Bit, emulatorPackage, runs32Bit } from './thirty-two-bit.mjs'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
process.chdir(root)

/** The Node that the repository brings, or the machine's own where that one cannot be had and this one is new enough. */
export function projectNode() {
  const own = path.join(root, 'node_modules/node/bin/node')
  if (existsSync(own)) return own
  const major = Number(process.versions.node.split('.')[0])
  if (major >= 24) return process.execPath
  throw new Error(
    `Node ${process.versions.node} is too old for the tools and the "node" package is missing: run "npm ci".`,
  )
}

/** `npm ci`, unless node_modules already is what package-lock.json asks for. */
export function installNpmPackages() {
  const stamp = path.join(root, 'node_modules/.boottorrent-installed')
  const wanted = digest(['package.json', 'package-lock.json', 'client/package.json', ...filesBelow('stubs')])
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  step('npm packages', () => {
    // The "node" package fetches its program by an install script, which a user may have switched off for everything.
    const words = ['ci', '--no-audit', '--no-fund', '--loglevel', 'error', '--ignore-scripts=false']
    run('npm', words, 'npm could not install the packages.')
    projectNode()
    writeFileSync(stamp, wanted)
  })
}

/** Builds Phase-1 Linux into client/dist. Everything that was built before comes from the cache, and then it takes a second. */
export function buildClient() {
  // It prints the folder it has made, which is for other programs.
  run(projectNode(), ['client/build/main.ts'], 'The client could not be built.', { output: 'ignore' })
}

/**
 * Installs the Debian packages that are missing. On another system, or without root, it says what to install by hand.
 *
 * @param {readonly string[]} wanted
 */
export function installDebianPackages(wanted) {
  if (spawnSync('dpkg-query', ['--version']).error) {
    throw new Error(
      `This needs a Debian system, or one made from it, with these packages: ${wanted.join(' ')}.\n` +
        'Elsewhere, run it in a Debian container or virtual machine.',
    )
  }
  const missing = wanted.filter((name) => !isInstalled(name))
  if (missing.length === 0) return
  if (process.getuid?.() !== 0) {
    throw new Error(
      `Debian packages are missing. Install them and try again:\n` +
        `  sudo apt-get install --no-install-recommends ${missing.join(' ')}`,
    )
  }
  step(`Debian packages: ${missing.join(' ')}`, () => {
    const failed = 'apt-get could not install the packages.'
    run('apt-get', ['-qq', 'update'], failed, { quiet: true })
    run('apt-get', ['-qq', '-y', '--no-install-recommends', 'install', ...missing], failed, { quiet: true })
  })
}

/** Sees to it that 32-bit x86 programs run on this machine. */
export function ensure32Bit() {
  if (runs32Bit()) return
  installDebianPackages([emulatorPackage])
  step('an emulator for 32-bit programs, which this kernel does not run', emulate32Bit)
}

function isInstalled(name) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query replaces it
  const query = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], { encoding: 'utf8' })
  return query.status === 0 && query.stdout === 'installed'
}

/** Runs a tool with its chatter on standard error, when quiet only if it fails; then it throws the given sentence. */
function run(command, words, failure, { quiet = false, output = 2 } = {}) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', output, 2]
  const result = spawnSync(command, words, { stdio, env, shell: process.platform === 'win32', maxBuffer: 64 << 20 })
  if (result.error) throw new Error(`${failure} "${command}" is not on this machine (${result.error.message}).`)
  if (result.status === 0) return
  if (quiet) process.stderr.write(Buffer.concat([result.stdout, result.stderr]))
  throw new Error(`${failure} The reason stands above.`)
}

function step(title, work) {
  const started = Date.now()
  console.error(`• ${title} …`)
  work()
  console.error(`  done in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

function digest(files) {
  const hash = createHash('sha256').update(process.platform + process.arch)
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(path.join(root, file)))
  return hash.digest('hex')
}

function filesBelow(folder) {
  return readdirSync(path.join(root, folder), { recursive: true })
    .map((name) => path.join(folder, name))
    .filter((name) => statSync(path.join(root, name)).isFile())
    .sort()
}
