import { setTimeout as delay } from "node:timers/promises"
import { ScriptError, UserError, type Reason } from "@veneer/sdk"
import { beginCall, decode, decodeError, encode, encodeError, type Method } from "@veneer/sdk/call"
import { acceptResult, ContractError, type Redactor } from "@veneer/sdk/contract"
import { operationOf, type PluginDescription } from "@veneer/sdk/describe"
import type { Validator } from "@veneer/sdk/values"
import type { HostCall, TestHost } from "../hosts/host.ts"

/** How long a cancelled handler has to end, as in the engine. */
const GRACE_MS = 15_000

/** One request of a handler, on its way to the host. */
export interface Request {
  operation: string
  method: Method
  /** As the handler gave them, secrets as `Secret`s. */
  params: Readonly<Record<string, unknown>>
}

/** Stands between handler and host. */
export type Intercept = (request: Request, go: () => Promise<unknown>) => Promise<unknown>

/** One call of an operation, with everything settled. */
export interface Invocation {
  plugin: unknown
  description: PluginDescription
  scripts: string | undefined
  host: TestHost
  operation: string
  input: Record<string, unknown>
  reason: Reason
  engine: string
  key: string
  signal: AbortSignal
  redactor: Redactor
  validator: Validator
  log: HostCall["log"]
  progress: HostCall["progress"]
  ports: HostCall["ports"]
  credentials: HostCall["credentials"]
  dataset: HostCall["dataset"]
  volatile: HostCall["volatile"]
  intercept: Intercept
}

/**
 * Calls an operation as the engine does: what goes in and comes out travels as JSON, and what it returns is held against
 * what it promised.
 *
 * @throws UserError and ScriptError as they are; ContractError for a promise that was broken
 */
export async function invoke(invocation: Invocation): Promise<unknown> {
  const { plugin, description, host, operation, input, reason, engine, signal, validator, redactor } = invocation
  redactor.add(input)
  const work = new Work(signal)
  const serve = host.begin({ ...invocation, plugin: { id: description.id, scripts: invocation.scripts }, signal: work.signal })
  const request = async (method: Method, params: object, onLine?: (line: string) => void): Promise<unknown> => {
    const sent = encode(params)
    try {
      return decode(encode(await work.add(invocation.intercept({ operation, method, params: fieldsOf(decode(sent)) }, () => serve(method, sent, onLine)))))
    } catch (error) {
      throw decodeError(encodeError(asCoded(error)))
    }
  }
  const connection = { environment: host.name, address: host.address, user: host.user }
  const call = beginCall({ reason, engine, connection, signal: work.signal, request, log: invocation.log, progress: invocation.progress })
  const handler = operationOf(plugin, operation)
  if (!handler) throw new Error(`The plugin ${description.id} has no operation ${operation}.`)
  try {
    const returned = await within(signal, operation, async () => handler({ ...fieldsOf(decode(encode(input))), ...call }))
    signal.throwIfAborted()
    return acceptResult({ manifest: description, operation, input, validator, redactor }, travelled(operation, returned))
  } catch (error) {
    if (error instanceof Stuck) throw error
    signal.throwIfAborted()
    throw blamed(description.id, operation, error)
  } finally {
    await work.end()
  }
}

/** A handler that goes on long after it was cancelled breaks a promise. */
async function within(signal: AbortSignal, operation: string, handle: () => Promise<unknown>): Promise<unknown> {
  const over = new AbortController()
  const stuck = async (): Promise<never> => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true, signal: over.signal }))
    await delay(GRACE_MS, undefined, { signal: over.signal })
    throw new Stuck(`${operation} went on for ${GRACE_MS / 1000} s after it was cancelled.`)
  }
  const watch = stuck()
  watch.catch(() => {})
  try {
    return await Promise.race([handle(), watch])
  } finally {
    over.abort()
  }
}

function travelled(operation: string, returned: unknown): unknown {
  try {
    return decode(encode(returned))
  } catch (error) {
    throw new ContractError("plugin_output_invalid", `${operation} returned ${error instanceof Error ? error.message : String(error)}.`)
  }
}

/** A handler did not end when it was told to; an engine ends its process. */
export class Stuck extends Error {}

/** What is neither of the two errors a plugin may throw, nor the engine's own, is a broken promise. */
function blamed(plugin: string, operation: string, error: unknown): unknown {
  if (error instanceof UserError || error instanceof ScriptError || error instanceof ContractError) return error
  if (error instanceof Error && error.name === "EngineError") return error
  const message = error instanceof Error ? error.message : String(error)
  return Object.assign(new ContractError("plugin_failed", `${plugin} ${operation} threw an error that is no UserError: ${message}`), { cause: error })
}

/** As the engine encodes it. */
function asCoded(error: unknown): unknown {
  if (!(error instanceof ContractError)) return error
  const { code, message, action = "See what the message says.", output } = error
  return Object.assign(new Error(message), { name: "EngineError", code, action, output })
}

const fieldsOf = (value: unknown): Record<string, unknown> => (typeof value === "object" && value !== null ? { ...value } : {})

/** What a call has running on hosts: none of it outlives the call. */
class Work {
  readonly #controller = new AbortController()
  readonly #running = new Set<Promise<unknown>>()
  readonly signal: AbortSignal

  constructor(outer: AbortSignal) {
    this.signal = AbortSignal.any([outer, this.#controller.signal])
  }

  async add<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work)
    try {
      return await work
    } finally {
      this.#running.delete(work)
    }
  }

  async end(): Promise<void> {
    if (this.#running.size > 0) this.#controller.abort(new Error("The call is over."))
    await Promise.allSettled(this.#running)
  }
}
