/** What a plugin promised and did not keep, for whoever mends it. */
export interface BrokenPromiseDetail {
  /** What was seen, beginning with who did it: `virtual.stop, called a second time in stop, …`. */
  found: string
  /** The promise, in the contract's words. */
  promise: string
  /** What to do about it. */
  action: string
  /** The last lines of the log. */
  log?: readonly string[]
  cause?: unknown
}

const LOG_LINES = 15

/** A promise of the SDK's contract that a plugin did not keep. */
export class BrokenPromise extends Error {
  override readonly name = "BrokenPromise"
  readonly #detail: BrokenPromiseDetail

  constructor(detail: BrokenPromiseDetail) {
    const { found, promise, action, log = [], cause } = detail
    const lines = log.slice(-LOG_LINES).map((line) => `\n    ${line}`)
    super(`${found}\n  The promise: ${promise}\n  What to do: ${action}${lines.length > 0 ? `\n  The log's last lines:${lines.join("")}` : ""}`, { cause })
    this.#detail = detail
  }

  /** One that came about after something else: told with it. Any other error is left as it is. */
  static after(what: string, error: unknown): unknown {
    return error instanceof BrokenPromise ? new BrokenPromise({ ...error.#detail, found: `${what} ${error.#detail.found}` }) : error
  }
}

/** An error with all it says. */
export function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = textOf(error, "code")
  const action = textOf(error, "action")
  const output = textOf(error, "output") ?? textOf(error, "stderr")
  return [`${code === undefined ? "" : `[${code}] `}${error.message}`, action, output?.trim() || undefined].filter((text) => text !== undefined).join(" | ")
}

function textOf(error: Error, field: string): string | undefined {
  const value: unknown = Reflect.get(error, field)
  return typeof value === "string" && value !== "" ? value : undefined
}
