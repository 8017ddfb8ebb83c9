import './quickjs/globals.ts'
import { CRASHED, startClient } from './client.tsx'
import { setCrashHandler } from './quickjs/guard.ts'
import { system } from './system-quickjs.ts'

/** Version of boottorrent, put in when the TUI is bundled. */
declare const BOOTTORRENT_VERSION: string

const client = startClient(system, BOOTTORRENT_VERSION)
setCrashHandler((error) => {
  client.crash(error)
  system.exit(CRASHED)
})

// A signal that comes between QuickJS's look at its timers and its waiting would be seen only at the next event.
const tick = () => void system.after(1000, tick)
tick()
