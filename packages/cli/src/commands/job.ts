import type { Command } from "commander"
import type { Job } from "@veneer/engine/client"
import { UsageError } from "../errors.ts"
import { follow } from "../jobs/follow.ts"
import type { Output } from "../output.ts"
import { table, type Column } from "../text/table.ts"
import { cleanLine } from "../text/clean.ts"
import { describe } from "../text/describe.ts"
import { ago, duration } from "../text/format.ts"
import { idColumn, stateColumn } from "./columns.ts"
import { verb } from "./command.ts"

const DEFAULT_COUNT = 20
const LINES_AT_ONCE = 500
const STATES = ["queued", "running", "undoing", "succeeded", "failed", "cancelled"] as const

const stepColumns = (output: Output): Column<Job["steps"][number]>[] => [
  { head: "STEP", cell: ({ name }) => name },
  stateColumn(output),
  { head: "STARTED", cell: ({ startedAt }) => ago(startedAt), whole: true },
  { head: "TOOK", cell: ({ ms }) => (ms === undefined ? "" : duration(ms)), right: true },
]

/** `veneer job …` */
export function addJobCommands(noun: Command): void {
  verb<{ state?: string; limit?: string }>(noun, "list", "list jobs, newest first", async (session) => {
    const { state, limit = String(DEFAULT_COUNT) } = session.options
    const known = STATES.find((name) => name === state)
    if (state !== undefined && known === undefined) throw new UsageError(`"${state}" is no state of a job.`, `One of: ${STATES.join(", ")}.`)
    if (!/^[1-9]\d{0,2}$/.test(limit) || Number(limit) > 500) throw new UsageError(`--limit ${limit} is no number from 1 to 500.`)
    const client = await session.client()
    const { items } = await client.listJobs({ query: { limit: Number(limit), ...(known && { state: known }) } })
    session.output.list(items, {
      idOf: ({ id }) => id, none: "There is no job.",
      columns: [
        idColumn, { head: "KIND", cell: ({ kind }) => kind }, { head: "SUBJECT", cell: ({ subject }) => subject.name }, stateColumn(session.output),
        { head: "CREATED", cell: ({ createdAt }) => ago(createdAt), whole: true },
        { head: "TOOK", cell: ({ startedAt, finishedAt }) => (startedAt === undefined || finishedAt === undefined ? "" : duration(Date.parse(finishedAt) - Date.parse(startedAt))), right: true },
      ],
    })
  }).option("--state <state>", "only in this state").option("--limit <count>", `how many; ${DEFAULT_COUNT} unless told`)
  verb(noun, "show <id>", "show a job with its steps", async (session, id = "") => {
    const client = await session.client()
    const job = await client.showJob({ params: { id } })
    session.output.result(job, { id: job.id, text: () => `${describe({ ...job, steps: undefined })}\n\n${table(job.steps, stepColumns(session.output), session.output.columns, session.output.colors.bold)}` })
  })
  verb(noun, "watch <id>", "follow a job to its end", async (session, id = "") => {
    const job = await follow(session, id)
    session.output.result(job, { id: job.id, text: () => cleanLine(`Job ${job.id} (${job.kind} ${job.subject.name}) succeeded.`) })
  }).option("-v, --verbose", "show its log lines")
  verb(noun, "logs <id>", "print a job's log", async (session, id = "") => {
    const { output } = session
    const client = await session.client()
    const all: unknown[] = []
    for (let after = 0; ; ) {
      const { items, next } = await client.listJobLines({ params: { id }, query: { after, limit: LINES_AT_ONCE } })
      if (output.json) all.push(...items)
      else for (const { step, line } of items) output.print(`${cleanLine(step)} | ${cleanLine(line)}`)
      if (next === undefined) break
      after = Number(next)
    }
    if (output.json) output.result({ items: all }, { id: undefined, text: () => "" })
  })
  verb(noun, "cancel <id>", "end a job and undo what it did", async (session, id = "") => {
    const client = await session.client()
    const job = await client.cancelJob({ params: { id } })
    session.output.result(job, { id: job.id, text: () => `Job ${job.id} is asked to end. Watch it: veneer job watch ${job.id}` })
  })
}
