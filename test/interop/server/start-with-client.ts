/** `boottorrent start FOLDER --json` in a process of its own, with another client package: start-with-client.ts MANIFEST FOLDER */
import { processIo } from '../../../src/cli/process-io.ts'
import { start } from '../../../src/cli/start.ts'
import { createBootServer } from '../../../src/server.ts'

const [client, folder = '.'] = process.argv.slice(2)
process.exitCode = await start(folder, { json: true }, processIo(), (options) =>
  createBootServer({ ...options, client }),
)
