import { findJob, listJobs } from "../../catalog/jobs.ts"
import { linesAfter } from "../../catalog/steps.ts"
import { EngineError } from "../../errors.ts"
import type { ApiContext, Handlers } from "../context.ts"
import { page } from "../paging.ts"
import { jobSummaryView, jobView, lineView } from "../views/jobs.ts"
import { found } from "./found.ts"

const DEFAULT_LINES = 500

export function jobHandlers({ engine, queue, changes }: ApiContext): Handlers<"listJobs" | "showJob" | "listJobLines" | "cancelJob"> {
  const { catalog } = engine
  const show = async (id: string) => found(await findJob(catalog, id), "job", id)
  return {
    listJobs: async ({ query }) => {
      const filter = { state: query.state, subjectId: query.subject }
      const { items, ...rest } = await page(query, (part) => listJobs(catalog, filter, part), (id) => findJob(catalog, id))
      return { ...rest, items: items.map(jobSummaryView) }
    },
    showJob: async ({ params: { id } }) => jobView({ catalog, changes }, await show(id)),
    listJobLines: async ({ params: { id }, query: { limit = DEFAULT_LINES, after = 0 } }) => {
      await show(id)
      const lines = await linesAfter(catalog, id, after, limit + 1)
      const items = lines.slice(0, limit).map(lineView)
      const last = items.at(-1)
      return { items, ...(lines.length > limit && last && { next: String(last.id) }) }
    },
    cancelJob: async ({ params: { id } }) => {
      const { state } = await show(id)
      if (!(await queue.cancel(id))) {
        const now = (await show(id)).state
        throw new EngineError("wrong_state", `Job ${id} is ${now} and can't be cancelled.`, { action: state === "undoing" ? "Wait until it has undone what it did." : "Nothing: the job is over." })
      }
      return jobView({ catalog, changes }, await show(id))
    },
  }
}
