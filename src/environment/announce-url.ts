/** Why a text is no announce URL although it looks like one, and what to write. */
export interface AnnounceUrlFault {
  /** After the URL: `has no port`. */
  readonly what: string
  readonly hint: string
}

/** Whether this is the announce URL of a tracker by HTTP (BEP 3) or UDP (BEP 15), asked by IPv4. There is no usual port for UDP. */
export function isAnnounceUrl(text: string): boolean {
  // What a URL may not have is dropped or escaped when it is parsed, but it would be passed on as it is.
  if (!/^[\x21-\x7e]+$/.test(text)) return false
  const url = URL.parse(text)
  if (url === null || url.hostname === '' || url.port === '0') return false
  const isKnown = url.protocol === 'http:' || url.protocol === 'https:' || url.protocol === 'udp:'
  return isKnown && faultOfAnnounceUrl(text) === undefined
}

export function faultOfAnnounceUrl(text: string): AnnounceUrlFault | undefined {
  const url = URL.parse(text)
  if (url === null) return undefined
  if (text.includes('#')) {
    return { what: 'has a fragment, which no tracker is sent', hint: 'Leave out "#" and what follows it.' }
  }
  if (url.hostname.startsWith('[')) {
    return { what: 'is an IPv6 address; machines have IPv4 only', hint: 'Write the IPv4 address of the tracker.' }
  }
  if (url.protocol === 'udp:' && url.port === '') {
    return { what: 'has no port', hint: 'Write it like udp://192.168.1.2:6969/announce.' }
  }
  return undefined
}
