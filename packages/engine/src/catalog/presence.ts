import { setTimeout as delay } from "node:timers/promises"
import { Client, type ClientConfig } from "pg"
import { EngineError } from "../errors.ts"
import { EVENT_CHANNEL } from "./events.ts"

/** How long a killed engine's session may take to end in the database. */
const FORMER_SELF_MS = 10_000
const RETRY_MS = 1000

/** A connection of an engine's own that says "I am running" for as long as it lives, and hears what others write. */
export interface Presence {
  close(): Promise<void>
}

/** Whom a presence tells. */
export interface PresenceListener {
  /** Any engine wrote an event of a kind; undefined after a gap, in which events of every kind may have been written. */
  heard: (kind?: string) => void
  /** The connection broke; it is made anew for as long as that takes. */
  lost: () => void
}

/**
 * Takes the engine's session-level advisory lock (PostgreSQL manual, Explicit Locking) and listens for events. Waits
 * until a killed former self of the same id is gone from the database. A connection that breaks is made anew.
 * @throws EngineError `conflict` when the former self isn't dead but running
 */
export async function announcePresence(config: ClientConfig, engineId: string, listener: PresenceListener): Promise<Presence> {
  const closing = new AbortController()
  let client = await connect(config, engineId, listener.heard)
  const keep = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await ended(client)
      if (closing.signal.aborted) return
      listener.lost()
      client = await reconnect()
      listener.heard()
    }
  }
  const reconnect = async (): Promise<Client> => {
    for (;;) {
      try {
        return await connect(config, engineId, listener.heard)
      } catch {
        await delay(RETRY_MS, undefined, { signal: closing.signal })
      }
    }
  }
  // It ends by the closing's own abort.
  keep().catch(() => undefined)
  return {
    close: async () => {
      closing.abort()
      await client.end()
    },
  }
}

const ended = (client: Client): Promise<void> => new Promise((resolve) => void client.once("end", resolve))

async function connect(config: ClientConfig, engineId: string, heard: (kind?: string) => void): Promise<Client> {
  const client = new Client({ ...config, application_name: `veneer ${engineId}` })
  client.on("error", () => undefined) // followed by "end"
  await client.connect()
  try {
    await client.query("select set_config('lock_timeout', $1, false)", [String(FORMER_SELF_MS)])
    await client.query("select pg_advisory_lock(hashtextextended($1, 0))", [engineId])
    client.on("notification", ({ payload }) => heard(payload))
    await client.query(`listen ${EVENT_CHANNEL}`)
    return client
  } catch (cause) {
    await client.end()
    throw new EngineError("conflict", "Another engine is running on this data directory.", { action: "Stop it first, or give this one a data directory of its own.", cause })
  }
}
