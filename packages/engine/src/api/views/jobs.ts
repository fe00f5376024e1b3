import type { Catalog } from "../../catalog/catalog.ts"
import type { JobRecord } from "../../catalog/jobs.ts"
import { listSteps, type LogLine, type StepRecord } from "../../catalog/steps.ts"
import type { Changes } from "../../jobs/changes.ts"
import type { Job, JobLine, JobSummary } from "../contract/jobs.ts"
import { problemView, time } from "./objects.ts"

/** A job without its steps. What it was asked may hold secrets and is never shown. */
export function jobSummaryView({ id, kind, subject, state, cancelRequested, problem, createdAt, startedAt, finishedAt }: JobRecord): JobSummary {
  return {
    id, kind, subject: { ...subject }, state, cancelRequested, problem: problem && problemView(problem),
    createdAt: createdAt.toISOString(), startedAt: time(startedAt), finishedAt: time(finishedAt),
  }
}

/** A job with its steps, never their outputs, and how far the running one is. */
export async function jobView({ catalog, changes }: { catalog: Catalog; changes: Changes }, job: JobRecord): Promise<Job> {
  const steps = await listSteps(catalog, job.id)
  const progress = changes.progressOf(job.id)
  return { ...jobSummaryView(job), steps: steps.map(stepView), progress: progress && { ...progress } }
}

/** A job that was just written, and so has no step to be shown. */
export const newJobView = (job: JobRecord): Job => ({ ...jobSummaryView(job), steps: [], progress: undefined })

function stepView({ name, state, startedAt, finishedAt }: StepRecord): Job["steps"][number] {
  const ms = finishedAt && Math.max(0, finishedAt.getTime() - startedAt.getTime())
  return { name, state, startedAt: startedAt.toISOString(), finishedAt: time(finishedAt), ms }
}

export const lineView = ({ id, step, at, line }: LogLine): JobLine => ({ id, step, at: at.toISOString(), line })

/** Whether nothing more happens to a job in this state. */
export const isOver = (state: JobSummary["state"]): boolean => state === "succeeded" || state === "failed" || state === "cancelled"
