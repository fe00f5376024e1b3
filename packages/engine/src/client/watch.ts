import { BASE } from "../api/contract/endpoints.ts"
import type { Event } from "../api/contract/engine.ts"
import type { Job, JobLine } from "../api/contract/jobs.ts"
import type { PluginLine } from "../api/contract/plugins.ts"
import { UnreachableError } from "./errors.ts"
import { eventsOf, type ServerEvent } from "./sse.ts"
import { send, type ClientOptions } from "./transport.ts"

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 2000
/** How long an engine may be away (a restart, an upgrade) before one gives up on it. */
const AWAY_MS = 60_000

/** How a job is followed. */
export interface WatchJob {
  /** The whole job, whenever it changed. */
  onJob?: (job: Job) => void
  onLine?: (line: JobLine) => void
  signal?: AbortSignal | undefined
  /** Id of the last line already seen. */
  after?: number | undefined
  /** How long the engine may be away before this fails; a minute unless told. */
  awayMs?: number | undefined
}

/** How everything is followed. */
export interface WatchEvents {
  onEvent: (event: Event) => void
  signal?: AbortSignal | undefined
  /** Cursor of the last event already seen; from now on unless told. */
  after?: string | undefined
  awayMs?: number | undefined
}

/** How what a plugin writes is followed. */
export interface WatchPluginLogs {
  onLine: (line: string) => void
  signal?: AbortSignal | undefined
  awayMs?: number | undefined
}

/** Follows a job to its end over broken connections and engine restarts. @returns the job as it ended, well or not */
export async function watchJob(options: ClientOptions, id: string, { onJob, onLine, signal, after, awayMs = AWAY_MS }: WatchJob): Promise<Job> {
  let last: Job | undefined
  const path = `${BASE}/jobs/${encodeURIComponent(id)}/events`
  for await (const { event, data } of resumed(options, { path, cursor: after === undefined ? undefined : String(after), signal, awayMs })) {
    if (event === "line") onLine?.(lineIn(data))
    if (event !== "job") continue
    last = jobIn(data)
    onJob?.(last)
    if (last.finishedAt !== undefined) return last
  }
  throw new UnreachableError(`The engine no longer tells of job ${id}.`)
}

/** Follows events until the signal says otherwise. */
export async function watchEvents(options: ClientOptions, { onEvent, signal, after, awayMs = AWAY_MS }: WatchEvents): Promise<void> {
  for await (const { data } of resumed(options, { path: `${BASE}/events`, cursor: after, signal, awayMs })) onEvent(eventIn(data))
}

/** Follows what a plugin writes outside any job, from the first line that is kept, until the signal says otherwise. */
export async function watchPluginLogs(options: ClientOptions, id: string, { onLine, signal, awayMs = AWAY_MS }: WatchPluginLogs): Promise<void> {
  const path = `${BASE}/plugins/${encodeURIComponent(id)}/logs/events`
  for await (const { data } of resumed(options, { path, cursor: undefined, signal, awayMs })) onLine(pluginLineIn(data).line)
}

/* oxlint-disable typescript/no-unsafe-type-assertion -- the engine serialises by the contract that these types come from */
const jobIn = (data: string): Job => JSON.parse(data) as Job
const lineIn = (data: string): JobLine => JSON.parse(data) as JobLine
const pluginLineIn = (data: string): PluginLine => JSON.parse(data) as PluginLine
const eventIn = (data: string): Event => JSON.parse(data) as Event
/* oxlint-enable typescript/no-unsafe-type-assertion */

interface Stream {
  path: string
  cursor: string | undefined
  signal: AbortSignal | undefined
  awayMs: number
}

/** The events of a stream that is opened again where it broke off. */
async function* resumed(options: ClientOptions, { path, cursor, signal, awayMs }: Stream): AsyncGenerator<ServerEvent> {
  let last = cursor
  let pauseMs = FIRST_PAUSE_MS
  let deadline = Date.now() + awayMs
  let first = true
  for (;;) {
    try {
      const headers = { accept: "text/event-stream", ...(last !== undefined && { "last-event-id": last }) }
      const response = await send(options, { method: "GET", path, headers, signal })
      for await (const event of eventsOf(response)) {
        last = event.id ?? last
        pauseMs = FIRST_PAUSE_MS
        deadline = Date.now() + awayMs
        yield event
      }
      first = false
    } catch (thrown) {
      signal?.throwIfAborted()
      // An engine that was never there, and one that refuses, is told of at once; a stream that broke is taken up again.
      if (thrown instanceof UnreachableError ? first : isRefusal(thrown)) throw thrown
      if (Date.now() >= deadline) throw new UnreachableError(`The engine at ${options.url} went away.`, { cause: thrown })
      first = false
    }
    await pause(pauseMs, signal)
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
  }
}

/** The engine's own words: asking again changes nothing, except while it stops or starts. */
const isRefusal = (thrown: unknown): boolean => thrown instanceof Error && thrown.name === "VeneerError" && !("status" in thrown && thrown.status === 503)

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = () => {
      clearTimeout(timer)
      reject(signal?.reason instanceof Error ? signal.reason : new Error("Aborted."))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", aborted)
      resolve()
    }, ms)
    signal?.addEventListener("abort", aborted, { once: true })
    if (signal?.aborted) aborted()
  })
}
