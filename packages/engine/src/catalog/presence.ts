import pg from "pg"
import { EVENT_CHANNEL } from "./events.ts"

/** A connection of an engine's own that says "I am running" for as long as it lives, and hears what others write. */
export interface Presence {
  close(): Promise<void>
}

/**
 * Takes the engine's session-level advisory lock (PostgreSQL manual, Explicit Locking) and listens for events. Waits
 * until a killed former self of the same id is gone from the database.
 * @param heard called when any engine wrote an event
 * @param lost called once when the connection broke
 */
export async function announcePresence(config: pg.ClientConfig, engineId: string, { heard, lost }: { heard(): void; lost(): void }): Promise<Presence> {
  const client = new pg.Client({ ...config, application_name: `veneer ${engineId}` })
  let closing = false
  client.on("error", () => undefined) // followed by "end"
  await client.connect()
  await client.query("select pg_advisory_lock(hashtextextended($1, 0))", [engineId])
  client.on("end", () => {
    if (!closing) lost()
  })
  client.on("notification", heard)
  await client.query(`listen ${EVENT_CHANNEL}`)
  return {
    close: async () => {
      closing = true
      await client.end()
    },
  }
}
