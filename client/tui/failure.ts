/** Something that keeps a system from starting, in words for the person before the screen. */
export class Failure extends Error {
  /** One sentence of what to do. */
  readonly todo: string
  /** The exact words of the program that failed. */
  readonly details: readonly string[]
  /** It may work a little later without anybody's help: the network, the server. */
  readonly mayPass: boolean

  constructor(
    what: string,
    options: { todo: string; details?: readonly string[]; mayPass?: boolean; cause?: unknown },
  ) {
    super(what, { cause: options.cause })
    this.name = 'Failure'
    this.todo = options.todo
    this.details = options.details ?? []
    this.mayPass = options.mayPass ?? false
  }
}

/** Anything that was thrown, as a Failure. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  const what = error instanceof Error ? error.message : String(error)
  return new Failure(`Something unexpected happened: ${what}`, {
    todo: 'Try again; if it happens again, please report it with these words.',
    details: error instanceof Error && error.stack ? error.stack.split('\n').slice(0, 6) : [],
    cause: error,
  })
}
