import { insertJob, findJob, type JobRecord, type JobSubject } from "../src/catalog/jobs.ts"
import type { Catalog } from "../src/catalog/catalog.ts"
import { newId } from "../src/catalog/ids.ts"
import { EngineError } from "../src/errors.ts"
import type { Job, Step } from "../src/jobs/job.ts"

/** Which of the fake workflows a request runs; `well` unless told. */
export const conduct: { next: "well" | "badly" | "slowly" } = { next: "well" }

/** Workflows that do nothing but step, log and report progress, by kind. */
export function workflows(): Record<string, (job: Job, request: Record<string, unknown>) => Promise<void>> {
  return Object.fromEntries(
    ["discover", "link", "sync", "provision", "create", "refresh", "rewind", "snapshot", "start", "stop", "enable", "disable", "delete", "delete-snapshot"].map((kind) => [kind, run]),
  )
}

async function run(job: Job, request: Record<string, unknown>): Promise<void> {
  await job.step("prepare", { run: async (step: Step) => step.log("preparing\tthe \u001b[31mdataset\u001b[0m") })
  await job.step("work", {
    run: async (step: Step) => {
      for (let count = 1; count <= 3; count++) {
        step.log(`part ${count}`)
        step.progress({ fraction: count / 3, message: `part ${count} of 3` })
      }
      if (request["conduct"] === "badly") throw new EngineError("script_failed", "work.sh ended with exit code 3.", { output: "disk \u001b[31mfull\u001b[0m\nno space" })
      if (request["conduct"] === "slowly") {
        await new Promise<void>((_resolve, reject) => {
          step.signal.addEventListener("abort", () => reject(new EngineError("cancelled", "The job was cancelled.")), { once: true })
        })
      }
      return { hidden: "step output" }
    },
  })
}

/** Writes a job as a workflow's request would. */
export async function request(catalog: Catalog, kind: string, subject: JobSubject, parameters: unknown = {}): Promise<JobRecord> {
  const id = newId()
  await insertJob(catalog, { id, kind, request: { conduct: conduct.next, parameters }, subject, locks: [`${subject.kind}/${subject.id}`] })
  conduct.next = "well"
  const job = await findJob(catalog, id)
  if (!job) throw new Error("The job is gone.")
  return job
}
