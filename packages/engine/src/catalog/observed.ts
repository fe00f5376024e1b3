import { sql } from "kysely"
import type { Health } from "@veneer/sdk"
import type { Catalog } from "./catalog.ts"
import { newId } from "./ids.ts"
import { insertJob, type Claim, type JobRecord } from "./jobs.ts"

/** What is looked at now and then. */
export type Watched = "dsource" | "vdb"

/** How something was when it was last looked at. */
export interface SeenHealth extends Health {
  checkedAt: Date
}

const tables = { dsource: sql.table("dsources"), vdb: sql.table("vdbs") }
const groups = { dsource: "linked", vdb: "virtual" } as const
const columns = { health: sql.ref("health_at"), size: sql.ref("size_at") }
const seen = { health: sql.ref("o.health_at"), size: sql.ref("o.size_at") }
const operations = { health: "status", size: "sourceSize" } as const

const states = { dsource: sql`('active')`, vdb: sql`('active', 'inactive')` }

/** Only what no job works on. */
const isLeftAlone = (kind: Watched) => sql`not exists (select from jobs j where j.state in ('queued', 'running', 'undoing') and j.locks && array[${kind} || '/' || o.id])`

/**
 * The object that waited longest to be looked at, of those whose plugin has the operation and that were last looked at before
 * so long; it counts as looked at from now on, whichever engine asks.
 */
export async function claimLook({ db }: Catalog, kind: Watched, what: "health" | "size", everyMs: number): Promise<string | undefined> {
  const operation = `${groups[kind]}.${operations[what]}`
  const { rows } = await sql<{ id: string }>`
    update ${tables[kind]} set ${columns[what]} = clock_timestamp() where id = (
      select o.id from ${tables[kind]} o join plugins p on p.id = o.plugin_id
      where o.state in ${states[kind]} and (p.manifest -> 'operations')::jsonb ? ${operation}
        and ${seen[what]} < clock_timestamp() - ${everyMs} * interval '1 millisecond' and ${isLeftAlone(kind)}
      order by ${seen[what]} limit 1 for update of o skip locked)
    returning id`.execute(db)
  return rows[0]?.id
}

/** Keeps what was seen, unless the object has changed its state or content since it was looked for. */
export async function saveHealth({ db }: Catalog, kind: Watched, id: string, { state, reason, action }: Health): Promise<void> {
  const health = JSON.stringify({ state, ...(reason !== undefined && { reason }), ...(action !== undefined && { action }) })
  await sql`update ${tables[kind]} set health = ${health}::jsonb, health_at = clock_timestamp() where id = ${id} and state in ${states[kind]}`.execute(db)
}

export async function saveSize({ db }: Catalog, kind: Watched, id: string, sizeBytes: number): Promise<void> {
  await sql`update ${tables[kind]} set size_bytes = ${sizeBytes}, size_at = clock_timestamp() where id = ${id}`.execute(db)
}

/**
 * Makes the job of a worker that is due, of a dSource that no job works on, and forgets its former ones but the last. To be
 * called in a transaction.
 * @param everyMs instead of the interval that the plugin declares
 * @returns undefined when none is due
 */
export async function insertDueWorker(catalog: Catalog, claim: Claim, everyMs: number | undefined): Promise<JobRecord | undefined> {
  const { db } = catalog
  const interval = everyMs === undefined ? sql`(p.manifest ->> 'workerIntervalSeconds')::integer * interval '1 second'` : sql`${everyMs} * interval '1 millisecond'`
  const { rows } = await sql<{ id: string; name: string }>`
    update dsources set worker_at = clock_timestamp() where id = (
      select o.id from dsources o join plugins p on p.id = o.plugin_id
      where o.state = 'active' and p.manifest ->> 'workerIntervalSeconds' is not null and o.worker_at < clock_timestamp() - ${interval} and ${isLeftAlone("dsource")}
      order by o.worker_at limit 1 for update of o skip locked)
    returning id, name`.execute(db)
  const [due] = rows
  if (!due) return undefined
  await sql`delete from jobs where kind = 'worker' and object_id = ${due.id} and finished_at < (select max(finished_at) from jobs where kind = 'worker' and object_id = ${due.id})`.execute(db)
  return insertJob(catalog, { id: newId(), kind: "worker", request: { id: due.id }, subject: { kind: "dsource", ...due }, locks: [`dsource/${due.id}`] }, claim)
}

/** Workers that have one of these locks, or wait for it. */
export async function openWorkers({ db }: Catalog, locks: readonly string[]): Promise<string[]> {
  const rows = await db.selectFrom("jobs").select("id").where("kind", "=", "worker").where("state", "in", ["queued", "running"]).where(sql<boolean>`locks && ${sql.val([...locks])}::text[]`).execute()
  return rows.map(({ id }) => id)
}
