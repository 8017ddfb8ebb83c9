import type { BootFile } from '../boot-files.ts'
import { answerFile, contentTypeOf } from './answer.ts'
import { openBody } from './body.ts'
import type { SocketExchange } from './exchange.ts'

/** Answers with a boot file: whole, a part of it, or that the client has it already. Its bytes go out as fast as they are read. */
export async function sendBootFile(exchange: SocketExchange, file: BootFile): Promise<void> {
  const { request, response } = exchange
  exchange.file = file.name
  exchange.isBootFile = true
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return exchange.refuse(405, 'Boot files can only be read.', { Allow: 'GET, HEAD' })
  }
  const body = await openBody(file)
  try {
    const { status, headers, start, end } = answerFile({
      size: file.size,
      etag: `"${body.version}"`,
      contentType: contentTypeOf(file.name),
      // RFC 9110 section 14.2: ranges are for GET alone.
      headers: request.method === 'GET' ? request.headers : { ...request.headers, range: undefined },
    })
    response.writeHead(status, headers)
    if (request.method === 'HEAD') return
    for await (const piece of body.pieces(start, end)) await exchange.write(piece)
  } finally {
    await body.close()
  }
}
