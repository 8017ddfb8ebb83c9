/**
 * Builds Phase-1 Linux into client/dist.
 *
 *     npm run build:client -- [--compression xz|gzip|zstd] [--firmware package]… [--update] [--out folder | --in-cache]
 */

import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { BoottorrentError } from '../../src/errors.ts'
import { buildClient, installClient } from './client.ts'
import { asCompression } from './compress.ts'
import { createProgress } from './progress.ts'

const HELP = `Usage: npm run build:client -- [options]

Builds the client (Phase-1 Linux) from Debian packages and prints the folder it is in.

  --compression NAME  xz (smallest, the default), gzip (soonest unpacked by a slow CPU) or zstd
  --firmware PACKAGE  add firmware of network cards: a Debian package (firmware-realtek) or a .deb file; may be repeated
  --update            ask the Debian archive for newer packages
  --out FOLDER        where the client goes; default: client/dist
  --in-cache          leave it in the cache and print the folder there

Environment: BOOTTORRENT_COMPRESSION, BOOTTORRENT_FIRMWARE (packages, separated by blanks), BOOTTORRENT_CACHE,
BOOTTORRENT_DEBIAN_MIRROR. See client/README.md.
`

async function main(argv: string[]): Promise<void> {
  const options = readOptions(argv)
  if (options.help) {
    process.stdout.write(HELP)
    return
  }
  const progress = createProgress((line) => process.stderr.write(`${line}\n`))
  const compression = asCompression(options.compression ?? process.env.BOOTTORRENT_COMPRESSION ?? 'xz')
  const firmware = options.firmware ?? (process.env.BOOTTORRENT_FIRMWARE ?? '').split(/\s+/).filter(Boolean)
  const built = await buildClient({ progress, compression, firmware, update: options.update ?? false })
  const out = options['in-cache'] ? built : (options.out ?? join(import.meta.dirname, '../dist'))
  if (out !== built) await installClient(built, out)
  process.stdout.write(`${out}\n`)
}

function readOptions(argv: string[]) {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        compression: { type: 'string' },
        firmware: { type: 'string', multiple: true },
        update: { type: 'boolean' },
        out: { type: 'string' },
        'in-cache': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    return values
  } catch (cause) {
    throw new BoottorrentError('USAGE', (cause as Error).message, { cause, hint: 'See --help.' })
  }
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof BoottorrentError)) throw error
  process.stderr.write(`client: ${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`)
  process.exitCode = 1
}
