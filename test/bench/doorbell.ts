import type { Client, Event } from "@veneer/engine/client"

/** One stream of the engine's events, opened beforehand: how a client learns that a VDB can be connected to. */
export interface Doorbell {
  /** A place in the stream: now. */
  mark(): number
  /** Ends when, after a mark, a VDB became active. @throws when the job that was to make it so ended badly */
  active(vdbId: string, jobId: string, mark: number): Promise<void>
  close(): Promise<void>
}

/** Opens the stream. The engine tells only what comes after; a first job of the caller's proves that it is open. */
export function openDoorbell(client: Client): Doorbell {
  const events: Event[] = []
  const waiting = new Set<() => void>()
  const stop = new AbortController()
  let broken: unknown
  const wake = () => {
    for (const look of waiting) look()
  }
  const ended = client.watchEvents({
    signal: stop.signal,
    onEvent: (event) => {
      events.push(event)
      wake()
    },
  }).catch((thrown: unknown) => {
    broken = thrown
    wake()
  })
  return {
    mark: () => events.length,
    active: (vdbId, jobId, mark) => new Promise((resolve, reject) => {
      let next = mark
      const settle = (end: () => void) => {
        waiting.delete(look)
        end()
      }
      const look = () => {
        for (; next < events.length; next++) {
          const event = events[next]
          if (event?.subjectId === vdbId && event.kind === "vdb.state" && event.data["state"] === "active") return settle(resolve)
          if (event?.subjectId === jobId && ["job.failed", "job.cancelled"].includes(event.kind)) return settle(() => reject(new Error(`Job ${jobId}: ${event.kind}.`)))
        }
        if (broken !== undefined) settle(() => reject(new Error("The engine's events broke off.", { cause: broken })))
      }
      waiting.add(look)
      look()
    }),
    close: async () => {
      stop.abort()
      await ended
    },
  }
}
