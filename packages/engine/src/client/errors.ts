/** One wrong field of a request. */
export interface Fault {
  /** JSON pointer into what was sent. */
  pointer: string
  message: string
}

/** What an engine says of a failure. */
export interface ProblemDetail {
  code: string
  message: string
  action: string
  output?: string | undefined
  faults?: readonly Fault[] | undefined
}

/**
 * An engine refused a request, or a job failed: the message states the fact, `action` the next move.
 *
 * @example
 * catch (thrown) {
 *   if (thrown instanceof VeneerError && thrown.code === "name_taken") …
 * }
 */
export class VeneerError extends Error {
  override readonly name = "VeneerError"
  readonly code: string
  readonly action: string
  readonly output: string | undefined
  readonly faults: readonly Fault[] | undefined
  /** HTTP status; undefined when it tells of a job. */
  readonly status: number | undefined

  constructor({ code, message, action, output, faults }: ProblemDetail, status?: number) {
    super(message)
    this.code = code
    this.action = action
    this.output = output
    this.faults = faults
    this.status = status
  }
}

/** No engine answered. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError"
  readonly code = "unreachable"
  readonly action: string

  constructor(message: string, { action = "Check the address and that the engine runs.", cause }: { action?: string; cause?: unknown } = {}) {
    super(message, { cause })
    this.action = action
  }
}
