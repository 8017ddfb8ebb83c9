/** The class that Ink tests its streams against. */
import { EventEmitter } from './events.ts'

export class Stream extends EventEmitter {}
export default Stream
