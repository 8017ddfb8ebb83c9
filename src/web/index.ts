/**
 * The web page that shows the room. It is made of a few files that `npm run build` puts into dist/web, holds nothing from
 * elsewhere, and lives on the status API.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { BoottorrentError } from '../errors.ts'
import type { Exchange, Route } from '../http/index.ts'
import { packageRoot } from '../package-root.ts'
import { guarded, guardedHeaders } from '../status/api.ts'

/** Path on the server, file of dist/web, type. */
const files = [
  ['/', 'index.html', 'text/html; charset=utf-8'],
  ['/web/style.css', 'style.css', 'text/css; charset=utf-8'],
  ['/web/page.js', 'page.js', 'text/javascript; charset=utf-8'],
  ['/web/icon.svg', 'icon.svg', 'image/svg+xml'],
] as const

/** Scripts, styles and connections from this server alone, nothing written inline, and no frame around it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const headers = {
  ...guardedHeaders,
  // The browser may keep it, and asks each time whether it is still the same.
  'Cache-Control': 'no-cache',
  'Content-Security-Policy': POLICY,
  'Referrer-Policy': 'no-referrer',
} as const

/**
 * Reads the page.
 *
 * @throws BoottorrentError FILE when it was not built
 */
export async function webPageRoutes(folder = path.join(packageRoot(), 'dist', 'web')): Promise<Route[]> {
  return Promise.all(
    files.map(async ([where, name, type]): Promise<Route> => {
      const file = path.join(folder, name)
      const bytes = await readFile(file).catch((cause) => {
        const hint = 'From a checkout, run "npm run build"; otherwise install boottorrent again.'
        throw new BoottorrentError('FILE', `The web page's file ${file} cannot be read.`, { hint, cause })
      })
      return { method: 'GET', path: where, handle: guarded((exchange) => send(exchange, bytes, type)) }
    }),
  )
}

async function send(exchange: Exchange, bytes: Uint8Array, type: string): Promise<void> {
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
  if (exchange.request.headers['if-none-match'] === etag) {
    exchange.response.writeHead(304, { ...headers, ETag: etag })
    return
  }
  await exchange.reply(200, { ...headers, ETag: etag, 'Content-Type': type }, bytes)
}
