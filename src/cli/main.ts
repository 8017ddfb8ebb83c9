/** The process around the command line. Everything else is imported late: an old Node must get as far as the sentence below. */
import process from 'node:process'

const OLDEST_NODE = 22

const major = Number(process.versions.node.split('.')[0])
if (major < OLDEST_NODE) {
  process.stderr.write(
    `error: boottorrent needs Node ${OLDEST_NODE} or newer; this is Node ${process.versions.node}.\n` +
      '  Install a newer Node from https://nodejs.org or with your package manager.\n',
  )
  process.exitCode = 1
} else {
  const { processIo } = await import('./process-io.ts')
  const { run } = await import('./run.ts')
  process.exitCode = await run(process.argv.slice(2), processIo())
}
