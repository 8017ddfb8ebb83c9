import type { System } from './system.ts'

export interface JsonPost {
  readonly address: string
  readonly port: number
  readonly path: string
  readonly body: unknown
  /** Milliseconds. */
  readonly timeout: number
}

/** Posts JSON and returns the JSON of the answer, undefined when it has no body. HTTP/1.0: one message, one answer. */
export async function postJson(system: System, post: JsonPost): Promise<unknown> {
  const body = asciiJson(post.body)
  const message = [
    `POST ${post.path} HTTP/1.0`,
    `Host: ${post.address}:${post.port}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
  const answer = await system.exchange({ address: post.address, port: post.port, message, timeout: post.timeout })
  const end = answer.indexOf('\r\n\r\n')
  if (!answer.startsWith('HTTP/1.') || end < 0) throw new Error(`${post.address}:${post.port} does not speak HTTP`)
  const content = answer.slice(end + 4)
  return content === '' ? undefined : (JSON.parse(content) as unknown)
}

/** Splits `http://192.0.2.1:8000/report`. Undefined when it is not an HTTP address of numbers, for there is no DNS here. */
export function parseUrl(url: string): { address: string; port: number; path: string } | undefined {
  const parts = /^http:\/\/(\d{1,3}(?:\.\d{1,3}){3})(?::(\d{1,5}))?(\/[^\s]*)?$/.exec(url)
  if (!parts) return undefined
  return { address: parts[1] ?? '', port: Number(parts[2] ?? 80), path: parts[3] ?? '/' }
}

/** JSON of nothing but ASCII, so that its length in characters is its length in bytes. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
