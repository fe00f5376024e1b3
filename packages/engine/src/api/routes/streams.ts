import { setTimeout as delay } from "node:timers/promises"
import { eventsAfter, newestCursor, type CatalogEvent } from "../../catalog/events.ts"
import { findJob } from "../../catalog/jobs.ts"
import { findPlugin } from "../../catalog/plugins.ts"
import { linesAfter } from "../../catalog/steps.ts"
import { EngineError } from "../../errors.ts"
import type { ApiContext } from "../context.ts"
import type { Event } from "../contract/engine.ts"
import type { PluginLine } from "../contract/plugins.ts"
import { Wake, type EventStream } from "../sse.ts"
import { isOver, jobView, lineView } from "../views/jobs.ts"
import { found } from "./found.ts"

/** A job changes many times a second while it reports progress; nobody reads faster than this. */
const SHORTEST_MS = 50
/** Another engine's log lines and a slow transaction's events are announced to nobody here, so one looks now and then. */
const LONGEST_MS = 1000
const BATCH = 500

/** What a stream was asked for. */
export interface StreamRequest {
  id: string
  lastEventId: string | undefined
}

/** A stream that was found to be possible; called once its answer has begun. */
export type Streaming = (stream: EventStream) => Promise<void>

/** Follows one job until it is over. */
export async function followJob({ engine: { catalog }, changes }: ApiContext, { id, lastEventId }: StreamRequest): Promise<Streaming> {
  let after = lastEventId === undefined ? 0 : Number(cursor(lastEventId, /^\d{1,15}$/))
  found(await findJob(catalog, id), "job", id)
  return async (stream) => {
    const wake = new Wake()
    const unsubscribe = [changes.onJob(id, wake.poke), changes.onEvents(wake.poke)]
    try {
      for (let last = ""; !stream.ended.aborted; ) {
        // The job first, its lines second: what a finished job logged is all there then.
        const record = await findJob(catalog, id)
        if (!record) return
        const job = JSON.stringify(await jobView({ catalog, changes }, record))
        for (let lines = await linesAfter(catalog, id, after, BATCH); lines.length > 0 && !stream.ended.aborted; lines = await linesAfter(catalog, id, after, BATCH)) {
          for (const line of lines) await stream.send({ event: "line", id: String(line.id), data: JSON.stringify(lineView(line)) })
          after = lines.at(-1)?.id ?? after
        }
        if (job !== last) await stream.send({ event: "job", data: job })
        if (isOver(record.state)) return
        last = job
        await delay(SHORTEST_MS)
        await wake.next(stream.ended, LONGEST_MS)
      }
    } finally {
      for (const end of unsubscribe) end()
    }
  }
}

/** Follows everything that happens, from now or from where a reader left off. */
export async function followEvents({ engine: { catalog }, changes }: ApiContext, { lastEventId }: Pick<StreamRequest, "lastEventId">): Promise<Streaming> {
  let after = lastEventId === undefined ? await newestCursor(catalog) : cursor(lastEventId, /^\d{1,18}-\d{1,18}$/)
  return async (stream) => {
    const wake = new Wake()
    const unsubscribe = changes.onEvents(wake.poke)
    try {
      while (!stream.ended.aborted) {
        const events = await eventsAfter(catalog, after, BATCH)
        for (const event of events) await stream.send({ id: event.cursor, data: JSON.stringify(eventView(event)) })
        after = events.at(-1)?.cursor ?? after
        if (events.length < BATCH) await wake.next(stream.ended, LONGEST_MS)
      }
    } finally {
      unsubscribe()
    }
  }
}

/** Follows what a plugin writes, over new builds of it, until the plugin is gone. */
export async function followPluginLog({ engine: { catalog, plugins } }: ApiContext, { id, lastEventId }: StreamRequest): Promise<Streaming> {
  let after = lastEventId === undefined ? undefined : cursor(lastEventId, /^[a-z0-9]{1,12}-\d{1,15}$/)
  found(await findPlugin(catalog, id), "plugin", id)
  return async (stream) => {
    const wake = new Wake()
    const unsubscribe = plugins.log(id).onLine(wake.poke)
    try {
      while (!stream.ended.aborted && (await findPlugin(catalog, id))) {
        for (const { cursor: at, line } of plugins.log(id).lines(after)) {
          await stream.send({ event: "line", id: at, data: JSON.stringify({ line } satisfies PluginLine) })
          after = at
        }
        await wake.next(stream.ended, LONGEST_MS)
      }
    } finally {
      unsubscribe()
    }
  }
}

function cursor(text: string, pattern: RegExp): string {
  if (!pattern.test(text)) throw new EngineError("invalid_request", `"${text.slice(0, 40)}" is no Last-Event-ID of this stream.`)
  return text
}

const eventView = ({ at, ...event }: CatalogEvent): Event => ({ ...event, at: at.toISOString() })
