import { UnreachableError, VeneerError, type ProblemDetail } from "./errors.ts"

/** As much of an answer as the client reads. */
export interface FetchResponse {
  readonly ok: boolean
  readonly status: number
  text(): Promise<string>
  readonly body: { getReader(): { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>; cancel(): Promise<unknown> } } | null
}

/** As much of the fetch standard as the client asks for; `globalThis.fetch` fits. */
export type Fetch = (url: string, init: { method: string; headers: Record<string, string>; body?: string | Uint8Array<ArrayBuffer>; signal?: AbortSignal }) => Promise<FetchResponse>

/** Where an engine is and how it is asked. */
export interface ClientOptions {
  /** `http://127.0.0.1:7700`, without a path. */
  url: string
  token: string
  /** Instead of the global one: for a Unix socket, or a test. */
  fetch?: Fetch | undefined
}

/** One request on its way. */
export interface Outgoing {
  method: string
  /** From the host on, with query. */
  path: string
  headers?: Record<string, string>
  body?: string | Uint8Array | undefined
  signal?: AbortSignal | undefined
}

/** Sends a request and turns every failure into one of the client's two errors. An abort stays what the signal says. */
export async function send(options: ClientOptions, { method, path, headers, body, signal }: Outgoing): Promise<FetchResponse> {
  // The global fetch wants to be called without a receiver.
  const fetch: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init))
  let response: FetchResponse
  try {
    response = await fetch(options.url.replace(/\/+$/, "") + path, {
      method,
      headers: { authorization: `Bearer ${options.token}`, ...headers },
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- fetch refuses shared memory, which nobody hands us
      ...(body !== undefined && { body: body as string | Uint8Array<ArrayBuffer> }),
      ...(signal && { signal }),
    })
  } catch (cause) {
    signal?.throwIfAborted()
    throw new UnreachableError(`No engine answers at ${options.url}.`, { cause })
  }
  if (!response.ok) throw await errorOf(response, options.url)
  return response
}

async function errorOf(response: FetchResponse, url: string): Promise<VeneerError | UnreachableError> {
  const text = await response.text().catch(() => "")
  const problem = parsed(text)
  if (isProblem(problem)) return new VeneerError(problem, response.status)
  return new UnreachableError(`What answers at ${url} is no engine: it said ${response.status}.`)
}

/** JSON, or undefined for what is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isProblem(value: unknown): value is ProblemDetail {
  return typeof value === "object" && value !== null && "code" in value && "message" in value && "action" in value
}
