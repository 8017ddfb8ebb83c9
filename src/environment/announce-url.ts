/** Whether this is the announce URL of a tracker by HTTP (BEP 3) or UDP (BEP 15). There is no usual port for UDP. */
export function isAnnounceUrl(text: string): boolean {
  // What a URL may not have is dropped or escaped when it is parsed, but it would be passed on as it is.
  if (!/^[\x21-\x7e]+$/.test(text)) return false
  const url = URL.parse(text)
  if (url === null || url.hostname === '' || url.port === '0') return false
  return url.protocol === 'http:' || url.protocol === 'https:' || (url.protocol === 'udp:' && url.port !== '')
}
