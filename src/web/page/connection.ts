/** The stream of events from the server, which a browser opens again by itself when it breaks. */
import type { Status, StatusChange } from '../../status/model.ts'
import type { Store } from './store.ts'

export interface ConnectionEvents {
  /** Something is different. */
  readonly onChange: () => void
  readonly onState: (isOn: boolean) => void
}

export function connect(store: Store, { onChange, onState }: ConnectionEvents): void {
  const source = new EventSource('/api/events')
  source.addEventListener('status', (event) => {
    store.begin(JSON.parse(event.data) as Status)
    onState(true)
    onChange()
  })
  source.addEventListener('change', (event) => {
    store.change(JSON.parse(event.data) as StatusChange)
    onChange()
  })
  source.addEventListener('error', () => {
    onState(false)
    if (source.readyState !== EventSource.CLOSED) return
    // It was refused: a server that is starting, or one with too many browsers.
    source.close()
    setTimeout(() => connect(store, { onChange, onState }), 3000)
  })
}
