import * as native from 'quickjs:native'
import * as os from 'quickjs:os'

/**
 * QuickJS prints an exception of a callback and goes on as if nothing had been. Here every callback is guarded, so that the
 * TUI can end in a readable way instead of standing still.
 */
let onCrash: (error: unknown) => void = (error) => {
  throw error
}

/** Says what happens with an exception that nobody caught. */
export function setCrashHandler(handler: (error: unknown) => void): void {
  onCrash = handler
}

/** The same callback, its exceptions going to the crash handler. */
export function guarded<Values extends unknown[]>(callback: (...values: Values) => void): (...values: Values) => void {
  return (...values) => {
    try {
      callback(...values)
    } catch (error) {
      onCrash(error)
    }
  }
}

/** Promises that were rejected and that nobody has looked at yet. */
const unhandled = new Map<object, unknown>()

native.onRejection((promise, reason, isHandled) => {
  if (isHandled) {
    unhandled.delete(promise)
    return
  }
  unhandled.set(promise, reason)
  // Whoever just made it gets the chance to look at it first.
  os.setTimeout(() => {
    if (unhandled.delete(promise)) onCrash(reason)
  }, 0)
})
