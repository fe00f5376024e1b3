import { Type, type Static } from "typebox"
import type { RouteSchemas } from "./route.ts"
import { choice, IdParams, page, Paging, ProblemShape, Time } from "./shapes.ts"

export const JOB_STATES = ["queued", "running", "undoing", "succeeded", "failed", "cancelled"] as const

const summary = {
  id: Type.String(),
  kind: Type.String({ description: "The workflow: `provision`." }),
  subject: Type.Object({ kind: choice(["dsource", "vdb", "environment", "snapshot"]), id: Type.String(), name: Type.String() }),
  state: choice(JOB_STATES),
  cancelRequested: Type.Boolean(),
  problem: Type.Optional(ProblemShape),
  createdAt: Time,
  startedAt: Type.Optional(Time),
  finishedAt: Type.Optional(Time),
}

/** A job as listings show it. */
export const JobSummaryShape = Type.Object(summary)
export type JobSummary = Static<typeof JobSummaryShape>

const StepShape = Type.Object({
  name: Type.String(),
  state: choice(["running", "done", "failed", "undone"]),
  startedAt: Time,
  finishedAt: Type.Optional(Time),
  ms: Type.Optional(Type.Integer({ description: "How long it took, in milliseconds." })),
})

const ProgressShape = Type.Object({
  step: Type.String(),
  fraction: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  message: Type.Optional(Type.String()),
})

/** A job with its steps, and how far the running one is. */
export const JobShape = Type.Object({ ...summary, steps: Type.Array(StepShape), progress: Type.Optional(ProgressShape) })
export type Job = Static<typeof JobShape>

/** One line of a job's log. */
export const JobLineShape = Type.Object({ id: Type.Integer(), step: Type.String(), at: Time, line: Type.String() })
export type JobLine = Static<typeof JobLineShape>

export const jobRoutes = {
  listJobs: {
    tag: "jobs", summary: "List jobs, newest first.", status: 200, reply: page(JobSummaryShape),
    query: Type.Object({ ...Paging, state: Type.Optional(choice(JOB_STATES)), subject: Type.Optional(Type.String({ description: "Id of the object the job is about." })) }),
  },
  showJob: { tag: "jobs", summary: "Show a job with its steps and progress.", params: IdParams, status: 200, reply: JobShape },
  listJobLines: {
    tag: "jobs", summary: "Read a job's log, oldest line first.", params: IdParams, status: 200, reply: page(JobLineShape),
    query: Type.Object({ limit: Paging.limit, after: Type.Optional(Type.Integer({ minimum: 0, description: "Id of the last line read." })) }),
  },
  cancelJob: { tag: "jobs", summary: "Ask a job to end; what it did is undone.", params: IdParams, status: 202, reply: JobShape },
  watchJob: {
    tag: "jobs", params: IdParams, status: 200, stream: true,
    summary: "Follow a job: `job` events with the whole job whenever it changed, `line` events with the id to resume at as Last-Event-ID. Ends after the job did.",
  },
} satisfies Record<string, RouteSchemas>
