import { inTransaction } from "../catalog/catalog.ts"
import type { JobRecord } from "../catalog/jobs.ts"
import { insertDueWorker, openWorkers } from "../catalog/observed.ts"
import { EngineError } from "../errors.ts"
import type { Job } from "../jobs/job.ts"
import { callPlugin, dsourceSubject } from "./call.ts"
import type { Engine } from "./engine.ts"
import { theDsource } from "./find.ts"
import { stagingMounts } from "./staging.ts"

/** Makes a job of every worker that is due, as far as there is room. @param everyMs instead of what plugins declare */
export async function requestDueWorkers(engine: Engine, everyMs: number | undefined): Promise<void> {
  for (let more = true; more;) {
    const slot = engine.slot()
    if (!slot) return
    let job: JobRecord | undefined
    try {
      job = await inTransaction(engine.catalog, (catalog) => insertDueWorker(catalog, slot.claim, everyMs))
      more = job !== undefined
    } finally {
      slot.run(job)
    }
  }
}

/** A plugin's own work on a dSource between syncs. */
export async function worker(engine: Engine, job: Job, { id }: { id: string }): Promise<void> {
  const dsource = await theDsource(engine, id)
  const subject = await dsourceSubject(engine, dsource)
  await job.step("worker", {
    run: async (step) => {
      const mounts = await stagingMounts(engine, step, subject, dsource)
      if (!mounts) throw new EngineError("wrong_state", `"${dsource.name}" is not mounted on staging.`, { action: `Run \`veneer dsource disable ${dsource.name}\`, then \`veneer dsource enable ${dsource.name}\`.` })
      await callPlugin(engine, step, subject, "linked.worker", "worker", { mounts })
      return null
    },
  })
}

/** A worker makes way for what a person asks for. */
export async function endWorkers(engine: Engine, locks: readonly string[]): Promise<void> {
  const held = locks.filter((lock) => lock.startsWith("dsource/"))
  if (held.length === 0) return
  for (const id of await openWorkers(engine.catalog, held)) await engine.cancel(id)
}
