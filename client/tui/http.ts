import type { System } from './system.ts'

export interface Get {
  readonly address: string
  readonly port: number
  readonly path: string
  /** Milliseconds. */
  readonly timeout: number
  /** Bytes that the answer may have, its head included. */
  readonly limit: number
}

export interface JsonPost extends Get {
  readonly body: unknown
}

/**
 * Gets a text. HTTP/1.0: one message, one answer.
 *
 * @throws Error when the answer has another status than 200 or is too long, or there is none
 */
export async function getText(system: System, get: Get): Promise<string> {
  const lines = [`GET ${get.path} HTTP/1.0`, `Host: ${get.address}:${get.port}`, 'Connection: close', '', '']
  const { status, content } = await exchange(system, get, lines.join('\r\n'))
  if (status !== 200) throw new Error(`${get.address}:${get.port} answers with ${status}`)
  return content
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
  const { content } = await exchange(system, post, message)
  return content === '' ? undefined : (JSON.parse(content) as unknown)
}

async function exchange(
  system: System,
  { address, port, timeout, limit }: Get,
  message: string,
): Promise<{ status: number; content: string }> {
  const answer = await system.exchange({ address, port, message, timeout, limit })
  const head = /^HTTP\/1\.\d (\d{3})/.exec(answer)
  const end = answer.indexOf('\r\n\r\n')
  if (!head || end < 0) throw new Error(`${address}:${port} does not speak HTTP`)
  return { status: Number(head[1]), content: answer.slice(end + 4) }
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
