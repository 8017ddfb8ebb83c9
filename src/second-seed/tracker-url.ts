import { faultOfAnnounceUrl, isAnnounceUrl } from '../environment/announce-url.ts'
import { BoottorrentError } from '../errors.ts'

/**
 * The announce URL of a tracker, as somebody types it.
 *
 * @throws BoottorrentError USAGE
 */
export function trackerUrl(text: string): string {
  if (isAnnounceUrl(text)) return text
  const fault = faultOfAnnounceUrl(text)
  const example = 'Write it like http://192.168.1.2:10001/announce or udp://192.168.1.2:10001/announce.'
  throw new BoottorrentError('USAGE', `"${text}" is no address of a tracker.`, {
    hint: fault === undefined ? example : `It ${fault.what}. ${fault.hint}`,
  })
}
