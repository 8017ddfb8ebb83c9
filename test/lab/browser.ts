/** Debian's Chromium, as a person's browser. */
import { type Browser, chromium } from 'playwright-core'

const program = '/usr/bin/chromium'

/** Nothing of it looks for anything outside: there is no network beyond the room's. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: program,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
