import type { JobRecord } from "../catalog/jobs.ts"
import { EngineError } from "../errors.ts"
import type { Job } from "../jobs/job.ts"
import { callIfOffered, vdbSubject } from "./call.ts"
import type { Engine } from "./engine.ts"
import { theVdb } from "./find.ts"
import { recordState } from "./generation.ts"
import { runHook } from "./hooks.ts"
import { requestJob } from "./request.ts"
import { mountedVdb, observe, requireOffered, requireState } from "./state.ts"

export async function requestStart(engine: Engine, nameOrId: string): Promise<JobRecord> {
  const vdb = await theVdb(engine, nameOrId)
  requireOffered(engine, vdb.pluginId, "virtual.start")
  requireState(vdb, "active", "inactive")
  return requestJob(engine, { kind: "start", subject: { kind: "vdb", id: vdb.id, name: vdb.name } })
}

export async function start(engine: Engine, job: Job, { id }: { id: string }): Promise<void> {
  const vdb = await theVdb(engine, id)
  const subject = await vdbSubject(engine, vdb)
  const mounts = await job.step("mounts", { run: async (step) => mountedVdb(engine, step, subject, vdb) })
  await runHook(engine, job, "pre-start", subject, vdb, mounts)
  await job.step("start", { run: (step) => callIfOffered(engine, step, subject, "virtual.start", "start", { mounts }) })
  const health = await job.step("observe", { run: async (step) => observe(engine, step, subject, mounts) })
  if (health.state !== "active" && health.state !== "degraded") {
    throw new EngineError("wrong_state", `"${vdb.name}" is ${health.state} after its start.`, { action: health.action ?? "Read the job's log.", ...(health.reason !== undefined && { output: health.reason }) })
  }
  await job.step("record", recordState(engine, vdb, "active"))
  await runHook(engine, job, "post-start", subject, vdb, mounts)
}
