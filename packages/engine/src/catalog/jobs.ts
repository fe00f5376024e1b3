import { sql, type Selectable } from "kysely"
import type { Problem } from "../errors.ts"
import { inTransaction, type Catalog } from "./catalog.ts"
import type { JobState, Tables } from "./schema.ts"
import { sourcesOf, type Transitions } from "./transitions.ts"

/** What `claim_job` and `write_job` lock, so that claims come one after another: "vnrc" in ASCII. */
const CLAIM_LOCK = 0x766e7263

/** The object a job is about. */
export interface JobSubject {
  kind: "dsource" | "vdb" | "environment" | "snapshot"
  id: string
  name: string
}

/** One run of a workflow. */
export interface JobRecord {
  id: string
  kind: string
  request: Record<string, unknown>
  subject: JobSubject
  state: JobState
  problem: Problem | undefined
  cancelRequested: boolean
  /** Rises with each claim; writes of an engine that lost the job carry an old one and are refused. */
  fence: number
  createdAt: Date
  startedAt: Date | undefined
  finishedAt: Date | undefined
}

/** What a job is made of. */
export interface NewJob {
  id: string
  kind: string
  request: Record<string, unknown>
  subject: JobSubject
  /** No two jobs that share one run at once; the older goes first. */
  locks: readonly string[]
}

/** Which jobs a listing shows. */
export interface JobFilter {
  state?: JobState | undefined
  subjectId?: string | undefined
}

/** The allowed changes of a job's state. */
const transitions: Transitions<JobState> = {
  queued: ["running", "cancelled"],
  running: ["undoing", "succeeded", "failed", "cancelled"],
  undoing: ["failed", "cancelled"],
  succeeded: [],
  failed: [],
  cancelled: [],
}

/** Whose a claimed job is, and for how long without being renewed. */
export interface Claim {
  engineId: string
  leaseMs: number
}

/** Writes a job. @param claim whose it is from the start, if it may run at once: it is `running` then, else `queued` */
export async function insertJob(catalog: Catalog, job: NewJob, claim?: Claim): Promise<JobRecord> {
  const { id, kind, locks, subject } = job
  const request = JSON.stringify(catalog.sealer.seal(job.request, `job/${id}`))
  if (claim) {
    const { rows } = await sql<Selectable<Tables["jobs"]>>`
      select * from write_job(${id}, ${kind}, ${request}::jsonb, ${[...locks]}::text[], ${subject.kind}, ${subject.id}, ${subject.name}, ${claim.engineId}, ${leaseOf(claim)})`.execute(catalog.db)
    const [row] = rows
    if (!row) throw new Error("write_job answers with the row it wrote")
    return jobOf(catalog, row)
  }
  const row = await catalog.db
    .insertInto("jobs")
    .values({
      id, kind, request, locks: [...locks], object_kind: subject.kind, object_id: subject.id, object_name: subject.name,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return jobOf(catalog, row)
}

/** Keeps every engine from claiming jobs until the transaction ends. Comes after locks on rows: whoever writes a job holds some when it is claimed. */
export async function holdClaims({ db }: Catalog): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(CLAIM_LOCK)})`.execute(db)
}

/**
 * Takes the oldest job that may run: queued, or left by an engine whose lease ran out, with no lock that a running or older
 * waiting job holds. Marks it as this engine's, under a new fence.
 */
export async function claimJob(catalog: Catalog, claim: Claim): Promise<JobRecord | undefined> {
  const { rows } = await sql<Selectable<Tables["jobs"]>>`select * from claim_job(${claim.engineId}, ${leaseOf(claim)})`.execute(catalog.db)
  return rows[0] && jobOf(catalog, rows[0])
}

/** Lets go of what a dead self held, so that it is claimed again at once. Only for an engine that is sure to be alone. */
export async function expireLeases({ db }: Catalog, engineId: string): Promise<void> {
  await db.updateTable("jobs").set({ lease_until: new Date(0) }).where("engine_id", "=", engineId).where("state", "in", ["running", "undoing"]).execute()
}

/** Renews this engine's leases. Jobs it runs that are not in the answer are no longer its own. */
export async function renewLeases({ db }: Catalog, claim: Claim): Promise<{ id: string; fence: number; cancelRequested: boolean }[]> {
  const rows = await db
    .updateTable("jobs")
    .set({ lease_until: sql<Date>`clock_timestamp() + ${leaseOf(claim)}` })
    .where("engine_id", "=", claim.engineId)
    .where("state", "in", ["running", "undoing"])
    .returning(["id", "fence", "cancel_requested"])
    .execute()
  return rows.map((row) => ({ id: row.id, fence: row.fence, cancelRequested: row.cancel_requested }))
}

/** Moves a claimed job on. @returns whether it was still this fence's to move */
export async function moveJob({ db }: Catalog, job: Pick<JobRecord, "id" | "fence">, to: JobState, problem?: Problem): Promise<boolean> {
  const ended = transitions[to].length === 0
  const moved = await db
    .updateTable("jobs")
    .set({ state: to, ...(problem && { problem: JSON.stringify(problem) }), ...(ended && { finished_at: sql`clock_timestamp()` }) })
    .where("id", "=", job.id)
    .where("fence", "=", job.fence)
    .where("state", "in", sourcesOf(transitions, to))
    .executeTakeFirst()
  return moved.numUpdatedRows > 0n
}

/**
 * Asks for a job's end; a queued one ends at once, and `unbegun` undoes its request in the same transaction.
 * @returns whether it could still be asked
 */
export function requestCancel(catalog: Catalog, id: string, problem: Problem, unbegun: (catalog: Catalog, job: JobRecord) => Promise<void>): Promise<boolean> {
  return inTransaction(catalog, async (within) => {
    const row = await within.db
      .updateTable("jobs")
      .set({
        cancel_requested: true,
        state: sql`case state when 'queued' then 'cancelled' else state end`,
        finished_at: sql`case state when 'queued' then clock_timestamp() end`,
        problem: sql`case state when 'queued' then ${JSON.stringify(problem)}::jsonb else problem end`,
      })
      .where("id", "=", id)
      .where("state", "in", ["queued", "running"])
      .returningAll()
      .executeTakeFirst()
    if (!row) return false
    if (row.state === "cancelled") await unbegun(within, jobOf(catalog, row))
    return true
  })
}

export async function findJob(catalog: Catalog, id: string): Promise<JobRecord | undefined> {
  const row = await catalog.db.selectFrom("jobs").selectAll().where("id", "=", id).executeTakeFirst()
  return row && jobOf(catalog, row)
}

/** Newest first, after the job named `after`. */
export async function listJobs(catalog: Catalog, filter: JobFilter, page: { after?: string | undefined; limit: number }): Promise<JobRecord[]> {
  let query = catalog.db.selectFrom("jobs").selectAll().orderBy("created_at", "desc").orderBy("id", "desc").limit(page.limit)
  if (filter.state) query = query.where("state", "=", filter.state)
  if (filter.subjectId) query = query.where("object_id", "=", filter.subjectId)
  if (page.after) query = query.where(sql<boolean>`(created_at, id) < (select created_at, id from jobs where id = ${page.after})`)
  return (await query.execute()).map((row) => jobOf(catalog, row))
}

/** Jobs that have not ended, with the locks they hold or wait for. */
export async function openJobs({ db }: Catalog): Promise<{ id: string; locks: string[] }[]> {
  return db.selectFrom("jobs").select(["id", "locks"]).where("state", "in", ["queued", "running", "undoing"]).execute()
}

/** Jobs that have not ended and concern a plugin, oldest first: on its dSources, VDBs and snapshots, and discoveries, which ask every plugin. */
export async function openJobsOf({ db }: Catalog, pluginId: string): Promise<{ id: string; kind: string; name: string }[]> {
  const { rows } = await sql<{ id: string; kind: string; name: string }>`
    select id, kind, object_name as name from jobs
    where state in ('queued', 'running', 'undoing') and (object_kind = 'environment' or object_id in (
      select id from dsources where plugin_id = ${pluginId} union all select id from vdbs where plugin_id = ${pluginId} union all
      select s.id from snapshots s left join dsources d on d.id = dsource_id left join vdbs v on v.id = vdb_id where coalesce(d.plugin_id, v.plugin_id) = ${pluginId}))
    order by created_at`.execute(db)
  return rows
}

const leaseOf = ({ leaseMs }: Claim) => sql`${leaseMs} * interval '1 millisecond'`

function jobOf({ sealer }: Catalog, row: Selectable<Tables["jobs"]>): JobRecord {
  return {
    id: row.id, kind: row.kind, request: sealer.open(row.request, `job/${row.id}`),
    subject: { kind: row.object_kind, id: row.object_id, name: row.object_name },
    state: row.state, problem: row.problem ?? undefined, cancelRequested: row.cancel_requested, fence: row.fence,
    createdAt: row.created_at, startedAt: row.started_at ?? undefined, finishedAt: row.finished_at ?? undefined,
  }
}
