import { sql } from "kysely"
import type { Catalog } from "./catalog.ts"
import type { StepState } from "./schema.ts"

/** One recorded effect of a job. */
export interface StepRecord {
  number: number
  name: string
  state: StepState
  /** Present once the effect has ended, even if it was undone later. */
  output: { value: unknown } | undefined
  startedAt: Date
  finishedAt: Date | undefined
}

/** A job under the fence of its claim. */
export interface FencedJob {
  id: string
  fence: number
}

/** A step's end, written together with the next one's beginning to save a commit. */
export interface FinishedStep {
  number: number
  output: unknown
  finishedAt: Date
}

export async function listSteps({ db, sealer }: Catalog, jobId: string): Promise<StepRecord[]> {
  const rows = await db.selectFrom("steps").selectAll().where("job_id", "=", jobId).orderBy("number").execute()
  return rows.map((row) => ({
    number: row.number, name: row.name, state: row.state,
    output: row.output ? { value: sealer.open(row.output.value, `job/${jobId}`) } : undefined,
    startedAt: row.started_at, finishedAt: row.finished_at ?? undefined,
  }))
}

/**
 * Records that an effect is about to happen and, in the same statement, that the one before it ended.
 * @returns whether the fence still held
 */
export async function beginStep(catalog: Catalog, job: FencedJob, step: { number: number; name: string }, finished?: FinishedStep): Promise<boolean> {
  const done = finished ? finishing(catalog, job, finished) : sql`select 1`
  const begun = await sql`
    with held as (select id from jobs where id = ${job.id} and fence = ${job.fence} for share),
    done as (${done})
    insert into steps (job_id, number, name, state)
    select held.id, ${step.number}, ${step.name}, 'running' from held
    on conflict (job_id, number) do update set state = 'running', started_at = clock_timestamp()`.execute(catalog.db)
  return begun.numAffectedRows === 1n
}

/** Records that an effect ended. @returns whether the fence still held */
export async function finishStep(catalog: Catalog, job: FencedJob, finished: FinishedStep): Promise<boolean> {
  const result = await sql`with held as (select id from jobs where id = ${job.id} and fence = ${job.fence} for share) ${finishing(catalog, job, finished)}`.execute(catalog.db)
  return result.numAffectedRows === 1n
}

/** Records that a step failed or was undone. @returns whether the fence still held */
export async function markStep({ db }: Catalog, job: FencedJob, number: number, state: "failed" | "undone"): Promise<boolean> {
  const result = await sql`
    update steps set state = ${state}, finished_at = coalesce(finished_at, clock_timestamp())
    where job_id = (select id from jobs where id = ${job.id} and fence = ${job.fence} for share) and number = ${number}`.execute(db)
  return result.numAffectedRows === 1n
}

function finishing({ sealer }: Catalog, job: FencedJob, { number, output, finishedAt }: FinishedStep) {
  const value = JSON.stringify({ value: sealer.seal(output, `job/${job.id}`) })
  return sql`
    update steps set state = 'done', output = ${value}::jsonb, finished_at = ${finishedAt}
    where job_id = (select id from held) and number = ${number} returning 1`
}

/** Adds lines to a job's log. */
export async function insertLines({ db }: Catalog, jobId: string, lines: readonly { step: string; at: Date; line: string }[]): Promise<void> {
  await db.insertInto("job_lines").values(lines.map((line) => ({ job_id: jobId, ...line }))).execute()
}

/** A line of a job's log. */
export interface LogLine {
  id: number
  step: string
  at: Date
  line: string
}

export async function linesAfter({ db }: Catalog, jobId: string, after: number, limit: number): Promise<LogLine[]> {
  return db.selectFrom("job_lines").select(["id", "step", "at", "line"]).where("job_id", "=", jobId).where("id", ">", after).orderBy("id").limit(limit).execute()
}
