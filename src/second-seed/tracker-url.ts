import { BoottorrentError } from '../errors.ts'

/**
 * The announce URL of a tracker by HTTP (BEP 3) or UDP (BEP 15), as somebody types it.
 *
 * @throws BoottorrentError USAGE
 */
export function trackerUrl(text: string): string {
  const url = URL.parse(text)
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:'
  // There is no usual port for UDP.
  const isUdp = url?.protocol === 'udp:' && url.port !== ''
  if (url !== null && url.hostname !== '' && (isHttp || isUdp)) return text
  throw new BoottorrentError('USAGE', `"${text}" is no address of a tracker.`, {
    hint: 'Write it like http://192.168.1.2:10001/announce or udp://192.168.1.2:10001/announce.',
  })
}
