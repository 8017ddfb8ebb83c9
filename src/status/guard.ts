/**
 * Who may look and who may act. The page and its API are for the browsers of this network, never for scripts of web sites
 * that happen to be open in them.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'

/** The header fields that decide, as Node names them. */
export interface AskingHeaders {
  readonly host?: string | undefined
  readonly origin?: string | undefined
  readonly 'sec-fetch-site'?: string | string[] | undefined
  readonly authorization?: string | undefined
}

/**
 * Why a request is not answered; undefined when it may be.
 *
 * A web site can give its own name our address (DNS rebinding): then the browser sends that name as Host. Addresses cannot be
 * rebound, nor can the names that only this computer has.
 *
 * @param names what this computer is called besides its addresses
 */
export function objectionTo(headers: AskingHeaders, names: readonly string[]): string | undefined {
  const { host, origin } = headers
  const name = host === undefined ? undefined : hostName(host)
  if (name === undefined) return 'The Host of the request is missing or is none.'
  if (isIP(name) === 0 && name !== 'localhost' && !names.includes(name)) {
    return 'Use the address of this server, not a name: names can be made to point anywhere.'
  }
  // Scripts of other pages: browsers add Origin to what they send for them, and this newer mark to everything.
  if (origin !== undefined && origin !== `http://${host}`) return 'Pages of other sites get nothing here.'
  const site = headers['sec-fetch-site']
  if (site === 'cross-site' || site === 'same-site') return 'Pages of other sites get nothing here.'
  return undefined
}

/** `192.0.2.1`, `::1` or `localhost` of the Host field, without its port. */
function hostName(host: string): string | undefined {
  const found = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::\d{1,5})?$/i.exec(host)
  return (found?.[1] ?? found?.[2])?.toLowerCase()
}

/** A token that nobody can guess: 128 random bits in hexadecimal digits. */
export function makeToken(): string {
  return randomBytes(16).toString('hex')
}

/** Whether a request carries the token (`Authorization: Bearer …`, RFC 6750 section 2.1). */
export function hasToken({ authorization }: AskingHeaders, token: string): boolean {
  const given = /^Bearer ([\w-]{1,128})$/.exec(authorization ?? '')?.[1]
  return given !== undefined && timingSafeEqual(digest(given), digest(token))
}

/** Of one length, whatever was given, so that the comparison tells nothing of the token's. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
