import { sql, type Selectable } from "kysely"
import type { Problem } from "../errors.ts"
import { inTransaction, type Catalog } from "./catalog.ts"
import { insertEvent } from "./events.ts"
import type { JobState, Tables } from "./schema.ts"
import { sourcesOf, type Transitions } from "./transitions.ts"

/** Serialises claims: "vnrc" in ASCII. */
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

export async function insertJob(catalog: Catalog, job: NewJob): Promise<void> {
  await catalog.db
    .insertInto("jobs")
    .values({
      id: job.id, kind: job.kind, request: JSON.stringify(catalog.sealer.seal(job.request, `job/${job.id}`)), locks: [...job.locks],
      object_kind: job.subject.kind, object_id: job.subject.id, object_name: job.subject.name,
    })
    .execute()
  await insertEvent(catalog, jobEvent(job, "queued"))
}

/**
 * Takes the oldest job that may run: queued, or left by an engine whose lease ran out, with no lock that a running or
 * older waiting job holds. Marks it as this engine's, under a new fence.
 */
export function claimJob(catalog: Catalog, engineId: string, leaseMs: number): Promise<JobRecord | undefined> {
  return inTransaction(catalog, async (within) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(CLAIM_LOCK)})`.execute(within.db)
    const claimed = await sql<Selectable<Tables["jobs"]>>`
      update jobs set engine_id = ${engineId}, fence = fence + 1, lease_until = ${leaseEnd(leaseMs)},
        state = case state when 'queued' then 'running' else state end, started_at = coalesce(started_at, clock_timestamp())
      where id = (
        select id from jobs j
        where (j.state = 'queued' or (j.state in ('running', 'undoing') and j.lease_until < clock_timestamp()))
          and not exists (
            select from jobs other
            where other.id <> j.id and other.locks && j.locks
              and (other.state in ('running', 'undoing') or (other.state = 'queued' and (other.created_at, other.id) < (j.created_at, j.id)))
              and j.state = 'queued')
        order by created_at, id limit 1)
      returning *`.execute(within.db)
    const row = claimed.rows[0]
    if (!row) return undefined
    const job = jobOf(catalog, row)
    await insertEvent(within, jobEvent(job, job.state))
    return job
  })
}

/** Lets go of what a dead self held, so that it is claimed again at once. Only for an engine that is sure to be alone. */
export async function expireLeases({ db }: Catalog, engineId: string): Promise<void> {
  await db.updateTable("jobs").set({ lease_until: new Date(0) }).where("engine_id", "=", engineId).where("state", "in", ["running", "undoing"]).execute()
}

/** Renews this engine's leases. Jobs it runs that are not in the answer are no longer its own. */
export async function renewLeases({ db }: Catalog, engineId: string, leaseMs: number): Promise<{ id: string; fence: number; cancelRequested: boolean }[]> {
  const rows = await db
    .updateTable("jobs")
    .set({ lease_until: leaseEnd(leaseMs) })
    .where("engine_id", "=", engineId)
    .where("state", "in", ["running", "undoing"])
    .returning(["id", "fence", "cancel_requested"])
    .execute()
  return rows.map((row) => ({ id: row.id, fence: row.fence, cancelRequested: row.cancel_requested }))
}

/** Moves a claimed job on. @returns whether it was still this fence's to move */
export function moveJob(catalog: Catalog, job: Pick<JobRecord, "id" | "fence" | "subject" | "kind">, to: JobState, problem?: Problem): Promise<boolean> {
  const ended = transitions[to].length === 0
  return inTransaction(catalog, async (within) => {
    const moved = await within.db
      .updateTable("jobs")
      .set({ state: to, ...(problem && { problem: JSON.stringify(problem) }), ...(ended && { finished_at: sql`clock_timestamp()` }) })
      .where("id", "=", job.id)
      .where("fence", "=", job.fence)
      .where("state", "in", sourcesOf(transitions, to))
      .executeTakeFirst()
    if (moved.numUpdatedRows === 0n) return false
    await insertEvent(within, jobEvent(job, to))
    return true
  })
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
    const job = jobOf(catalog, row)
    if (row.state === "cancelled") await unbegun(within, job)
    await insertEvent(within, jobEvent(job, row.state))
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

const leaseEnd = (leaseMs: number) => sql<Date>`clock_timestamp() + ${leaseMs} * interval '1 millisecond'`

function jobEvent(job: Pick<NewJob, "id" | "kind" | "subject">, state: JobState) {
  return { kind: `job.${state}`, subjectKind: "job", subjectId: job.id, data: { job: job.kind, subject: job.subject } }
}

function jobOf({ sealer }: Catalog, row: Selectable<Tables["jobs"]>): JobRecord {
  return {
    id: row.id, kind: row.kind, request: sealer.open(row.request, `job/${row.id}`),
    subject: { kind: row.object_kind, id: row.object_id, name: row.object_name },
    state: row.state, problem: row.problem ?? undefined, cancelRequested: row.cancel_requested, fence: row.fence,
    createdAt: row.created_at, startedAt: row.started_at ?? undefined, finishedAt: row.finished_at ?? undefined,
  }
}
