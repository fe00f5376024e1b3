import { Client, type ClientConfig } from "pg"
import { EngineError } from "../errors.ts"
import { EVENT_CHANNEL } from "./events.ts"

/** How long a killed engine's session may take to end in the database. */
const FORMER_SELF_MS = 15_000

/** A connection of an engine's own that says "I am running" for as long as it lives, and hears what others write. */
export interface Presence {
  close(): Promise<void>
}

/**
 * Takes the engine's session-level advisory lock (PostgreSQL manual, Explicit Locking) and listens for events. Waits
 * until a killed former self of the same id is gone from the database.
 * @throws EngineError `conflict` when it isn't dead but running
 * @param heard called when any engine wrote an event
 * @param lost called once when the connection broke
 */
export async function announcePresence(config: ClientConfig, engineId: string, { heard, lost }: { heard: () => void; lost: () => void }): Promise<Presence> {
  const client = new Client({ ...config, application_name: `veneer ${engineId}` })
  let closing = false
  client.on("error", () => undefined) // followed by "end"
  await client.connect()
  await client.query("select set_config('lock_timeout', $1, false)", [String(FORMER_SELF_MS)])
  await client.query("select pg_advisory_lock(hashtextextended($1, 0))", [engineId]).catch(async (cause: unknown) => {
    await client.end()
    throw new EngineError("conflict", "Another engine is running on this data directory.", { action: "Stop it first, or give this one a data directory of its own.", cause })
  })
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
