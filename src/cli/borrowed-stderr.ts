import process from 'node:process'

/**
 * Takes what is written to standard error past the log, such as warnings of Node, until it is disposed of: it would stand in
 * the middle of a picture. What Node prints of a crash does not come this way.
 */
export function borrowStderr(onLine: (line: string) => void): Disposable {
  const { stderr } = process
  const write = stderr.write
  stderr.write = ((text: string | Uint8Array, ...rest: unknown[]) => {
    const whole = typeof text === 'string' ? text : Buffer.from(text).toString()
    for (const line of whole.split('\n').filter((part) => part.trim() !== '')) onLine(line)
    const callback = rest.at(-1)
    if (typeof callback === 'function') callback()
    return true
  }) as typeof stderr.write
  return {
    [Symbol.dispose]() {
      stderr.write = write
    },
  }
}
