/** Ink and its friends name the global `process`. */
export { process } from './process.ts'
