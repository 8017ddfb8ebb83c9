/** What to answer to a request for one file: RFC 9110 sections 13 (conditions) and 14 (ranges). */

export interface FileRequest {
  readonly size: number
  readonly etag: string
  readonly contentType: string
  /** Header fields of the request, as Node names them. */
  readonly headers: {
    readonly range?: string | undefined
    readonly 'if-range'?: string | undefined
    readonly 'if-none-match'?: string | undefined
  }
}

export interface FileAnswer {
  readonly status: 200 | 206 | 304 | 416
  readonly headers: Readonly<Record<string, string | number>>
  /** The bytes to send: from `start` up to, not including, `end`. */
  readonly start: number
  readonly end: number
}

export function answerFile({ size, etag, contentType, headers }: FileRequest): FileAnswer {
  const common = { 'Accept-Ranges': 'bytes', ETag: etag }
  if (matches(headers['if-none-match'], etag)) return { status: 304, headers: common, start: 0, end: 0 }

  // If-Range: a part is only of use as long as the rest that the client has is of the same file.
  const condition = headers['if-range']
  const range = condition === undefined || condition === etag ? parseRange(headers.range, size) : undefined
  if (range === 'unsatisfiable') {
    const unsatisfiable = { ...common, 'Content-Range': `bytes */${size}`, 'Content-Length': 0 }
    return { status: 416, headers: unsatisfiable, start: 0, end: 0 }
  }
  const whole = { ...common, 'Content-Type': contentType }
  if (range === undefined) return { status: 200, headers: { ...whole, 'Content-Length': size }, start: 0, end: size }
  const { start, end } = range
  const part = { ...whole, 'Content-Range': `bytes ${start}-${end - 1}/${size}`, 'Content-Length': end - start }
  return { status: 206, headers: part, start, end }
}

/** Section 13.1.2: a list of tags, compared without their weakness, or `*`. */
function matches(list: string | undefined, etag: string): boolean {
  if (list === undefined) return false
  return list.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag)
}

/** Section 14.1.2. Undefined means the whole file: also for several ranges at once, for other units and for nonsense. */
function parseRange(
  field: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const found = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i.exec(field ?? '')
  if (found === null) return undefined
  const [, first = '', last = ''] = found
  if (first === '' && last === '') return undefined
  if (first === '') {
    const suffix = Math.min(Number(last), size)
    return suffix === 0 ? 'unsatisfiable' : { start: size - suffix, end: size }
  }
  const start = Number(first)
  const end = last === '' ? size : Math.min(Number(last) + 1, size)
  if (last !== '' && Number(last) < start) return undefined
  return start >= size ? 'unsatisfiable' : { start, end }
}

/** UEFI firmware decides by the type, or else by the name, whether it got a program (UEFI specification section 24.7.3.4.3). */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['efi', 'application/efi'],
  ['ipxe', 'text/plain; charset=utf-8'],
  ['cfg', 'text/plain; charset=utf-8'],
  ['txt', 'text/plain; charset=utf-8'],
  ['json', 'application/json'],
])

export function contentTypeOf(name: string): string {
  const extension = /\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
  return TYPES.get(extension) ?? 'application/octet-stream'
}

/** The path of a request line without its query, decoded; undefined when it is none. */
export function pathOf(target: string): string | undefined {
  try {
    // Proxies, and nobody else, ask for a whole URL.
    const path = target.startsWith('/') ? (target.split(/[?#]/, 1)[0] as string) : new URL(target).pathname
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

/** What stands behind the `?` of a request line. */
export function queryOf(target: string): URLSearchParams {
  const [, query = ''] = /\?([^#]*)/.exec(target) ?? []
  return new URLSearchParams(query)
}
