/** What the server can be asked to do, with the token that it printed at its start. */
import { byId } from './dom.ts'

const STORED = 'boottorrent-token'

/** Takes the token out of the address (`#token=…`), so that it is not on the screen, and keeps it while this tab is open. */
export function takeToken(): void {
  const token = /^#token=([\w-]{1,128})$/.exec(location.hash)?.[1]
  if (token === undefined) return
  sessionStorage.setItem(STORED, token)
  history.replaceState(null, '', location.pathname)
}

/** Posts to the API. Resolves with a sentence for the person; undefined when nobody gave a token. */
export async function act(path: '/api/wake' | '/api/reload', body: object): Promise<string | undefined> {
  const token = sessionStorage.getItem(STORED) ?? (await askToken())
  if (token === undefined) return undefined
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` }
  let answer: Response
  try {
    answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
  } catch {
    return 'The server does not answer.'
  }
  const text = await answer.text()
  if (answer.status === 401) {
    sessionStorage.removeItem(STORED)
    return 'The server refused: that is not the token that it printed at its start.'
  }
  return answer.headers.get('content-type')?.startsWith('application/json') ? sentence(text) : text.trim()
}

function sentence(json: string): string {
  const { message, hint } = JSON.parse(json) as { message: string; hint?: string | null }
  return hint ? `${message} ${hint}` : message
}

/** Undefined when the person gives none. */
function askToken(): Promise<string | undefined> {
  const dialog = byId<HTMLDialogElement>('asking')
  const input = byId<HTMLInputElement>('token')
  input.value = ''
  dialog.returnValue = ''
  dialog.showModal()
  input.focus()
  const cancel = () => dialog.close('cancel')
  byId('asking-cancel').addEventListener('click', cancel, { once: true })
  return new Promise((resolve) => {
    dialog.addEventListener(
      'close',
      () => {
        const token = input.value.trim()
        input.value = ''
        if (dialog.returnValue === 'cancel' || !/^[\w-]{1,128}$/.test(token)) return resolve(undefined)
        sessionStorage.setItem(STORED, token)
        resolve(token)
      },
      { once: true },
    )
  })
}
