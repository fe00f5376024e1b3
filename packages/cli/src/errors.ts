/** The command was not used as it can be. */
export class UsageError extends Error {
  override readonly name = "UsageError"
  readonly code = "usage"
  readonly action: string

  constructor(message: string, action = "See --help of the command.") {
    super(message)
    this.action = action
  }
}

/** Ctrl-C while something went on. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError"
  readonly code = "interrupted"
  readonly action: string

  constructor(message: string, action: string) {
    super(message)
    this.action = action
  }
}

/** Ends the program with a code; everything has been said. */
export class ExitError extends Error {
  override readonly name = "ExitError"
  readonly exitCode: number

  constructor(exitCode: number) {
    super(`exit ${exitCode}`)
    this.exitCode = exitCode
  }
}
