import { BASE, endpointOf, endpoints, type Operation } from "../api/contract/endpoints.ts"
import type { Body, Call, Params, Query, Reply } from "../api/contract/routes.ts"
import type { Job } from "../api/contract/jobs.ts"
import { UnreachableError } from "./errors.ts"
import { send, type ClientOptions } from "./transport.ts"
import { watchEvents, watchJob, watchPluginLogs, type WatchEvents, type WatchJob, type WatchPluginLogs } from "./watch.ts"

/** What every call may also be told. */
export interface CallOptions {
  signal?: AbortSignal | undefined
  /** For a POST: the same key makes a repeated call answer what the first one did. */
  idempotencyKey?: string | undefined
}

/** As one, so that a union stays one. */
type Given<Name extends string, T> = [T] extends [undefined] ? { [K in Name]?: undefined } : [Record<string, never>] extends [T] ? { [K in Name]?: T } : { [K in Name]: T }

/** What one operation is asked: path parameters, query and body, as far as it has them. */
export type Input<K extends Call> = Given<"params", Params<K>> & Given<"query", Query<K>> & Given<"body", Body<K>> & CallOptions

type Method<K extends Call> = Record<string, never> extends Input<K> ? (input?: Input<K>) => Promise<Reply<K>> : (input: Input<K>) => Promise<Reply<K>>

/**
 * An engine, one method an operation. Each throws `VeneerError` with the engine's words, or `UnreachableError`.
 *
 * @example
 * const { vdb, job } = await client.provisionVdb({ body: { name: "sales-dev", from: "sales" } })
 * await client.watchJob(job.id, { onJob: ({ state }) => console.log(state) })
 */
export type Client = { [K in Call]: Method<K> } & {
  /** Follows a job to its end, over broken connections and engine restarts. */
  watchJob(id: string, options?: WatchJob): Promise<Job>
  /** Follows what happens to objects until the signal says otherwise. */
  watchEvents(options: WatchEvents): Promise<void>
  /** Follows what a plugin writes outside any job, from the first line that is kept, until the signal says otherwise. */
  watchPluginLogs(id: string, options: WatchPluginLogs): Promise<void>
}

interface AnyInput extends CallOptions {
  params?: Record<string, string> | undefined
  query?: Record<string, string | number | boolean | undefined> | undefined
  body?: unknown
}

const operations = Object.keys(endpoints).filter((name): name is Operation => name in endpoints)

/** Makes a client for one engine. Nothing is sent yet. */
export function createClient(options: ClientOptions): Client {
  const calls = Object.fromEntries(operations.map((operation) => [operation, (input: AnyInput = {}) => call(options, operation, input)]))
  const watches = {
    watchJob: (id: string, watch: WatchJob = {}) => watchJob(options, id, watch),
    watchEvents: (watch: WatchEvents) => watchEvents(options, watch),
    watchPluginLogs: (id: string, watch: WatchPluginLogs) => watchPluginLogs(options, id, watch),
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one untyped function serves every operation; the contract's types are what callers see
  return { ...calls, ...watches } as unknown as Client
}

async function call(options: ClientOptions, operation: Operation, { params, query, body, signal, idempotencyKey }: AnyInput): Promise<unknown> {
  const { method, path } = endpointOf(operation)
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params?.[name] ?? ""))
  const asked = Object.entries(query ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as const]))
  const search = asked.length > 0 ? `?${new URLSearchParams(Object.fromEntries(asked)).toString()}` : ""
  const bytes = body instanceof Uint8Array
  const response = await send(options, {
    method, path: BASE + filled + search, signal,
    headers: {
      ...(body !== undefined && { "content-type": bytes ? "application/octet-stream" : "application/json" }),
      ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
    },
    body: bytes || body === undefined ? body : JSON.stringify(body),
  })
  const text = await response.text()
  if (text === "") return undefined
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new UnreachableError(`What answers at ${options.url} is no engine: it sent no JSON.`, { cause })
  }
}
