/** In place of modules that Ink names but never needs here: files, child processes, the developer tools. */
const nothing = () => undefined

export const readFileSync = () => ''
export const existsSync = () => false
export const isatty = () => true
export const release = () => ''
export const relative = (_from: string, to: string) => to
export const fileURLToPath = (url: string) => url
export const execFileSync = nothing
export const openSync = nothing
export const closeSync = nothing
export const types = { isNativeError: (value: unknown) => value instanceof Error }
export const stripVTControlCharacters = (text: string) => text.replaceAll(ESCAPE_SEQUENCE, '')

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const ESCAPE_SEQUENCE = /\u001b\[[0-?]*[ -/]*[@-~]/g

export default { readFileSync, existsSync, isatty, release, relative, fileURLToPath, execFileSync, openSync, types }
