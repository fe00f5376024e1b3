import { coded } from "../hosts/local/user.ts"
import type { Request } from "../operation/operation.ts"

/** How a call to the host goes wrong: before it has an effect, after it had it, or by a cancellation while it runs. */
export type FaultKind = "before" | "after" | "cancelled"

/** What the fault of each kind is called in messages. */
const described: Record<FaultKind, string> = {
  before: "the host could not be reached for",
  after: "the connection was lost after",
  cancelled: "the job was cancelled during",
}

/** A fault at one of a workflow's calls to the host, counted from 1. */
export class Fault {
  readonly kind: FaultKind
  readonly #at: number
  readonly #cancel: (reason: Error) => void
  readonly #afterMs: number
  #count = 0
  #hit: Request | undefined

  /** @param afterMs how long after the call began it is cancelled */
  constructor(kind: FaultKind, { at, afterMs, cancel }: { at: number; afterMs: number; cancel: (reason: Error) => void }) {
    this.kind = kind
    this.#at = at
    this.#afterMs = afterMs
    this.#cancel = cancel
  }

  /** What was going on where it struck; undefined when the workflow ended before. */
  get struck(): string | undefined {
    return this.#hit && `${described[this.kind]} call ${this.#at}, ${nameOf(this.#hit)}`
  }

  async intercept(request: Request, go: () => Promise<unknown>): Promise<unknown> {
    this.#count += 1
    if (this.#count !== this.#at) return go()
    this.#hit = request
    if (this.kind === "before") throw unreachable()
    if (this.kind === "after") {
      await go()
      throw unreachable()
    }
    const cancel = () => this.#cancel(coded("cancelled", "The job was cancelled.", "Start it again if that was not meant."))
    const timer = setTimeout(cancel, this.#afterMs)
    try {
      return await go()
    } finally {
      clearTimeout(timer)
      // One that ends early is cancelled all the same, lest it should be chance whether anything goes wrong.
      cancel()
    }
  }
}

const unreachable = () => coded("environment_unreachable", "The connection to the host was lost.", "Check that the host is up, then try again.")

/** As a handler writes it, where that is no method of `run`. */
const spoken: Readonly<Record<string, string>> = { reserve: "ports.reserve", credentials: "credentials", read: "files.read", write: "files.write", stat: "files.stat" }

/** A request as messages name it: `linked.preSnapshot's run.script "ingest.sh"`. */
export function nameOf({ operation, method, params: { file, argv, command, directory, path } }: Request): string {
  const what = file ?? (Array.isArray(argv) ? argv.join(" ") : command) ?? directory ?? path
  return `${operation}'s ${spoken[method] ?? `run.${method}`}${what === undefined ? "" : ` ${JSON.stringify(what)}`}`
}
