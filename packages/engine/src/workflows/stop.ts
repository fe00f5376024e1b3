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

export async function requestStop(engine: Engine, nameOrId: string): Promise<JobRecord> {
  const vdb = await theVdb(engine, nameOrId)
  requireOffered(engine, vdb.pluginId, "virtual.stop")
  requireState(vdb, "active", "inactive")
  return requestJob(engine, { kind: "stop", subject: { kind: "vdb", id: vdb.id, name: vdb.name } })
}

export async function stop(engine: Engine, job: Job, { id }: { id: string }): Promise<void> {
  const vdb = await theVdb(engine, id)
  const subject = await vdbSubject(engine, vdb)
  const mounts = await job.step("mounts", { run: async (step) => mountedVdb(engine, step, subject, vdb) })
  await runHook(engine, job, "pre-stop", subject, vdb, mounts)
  await job.step("stop", { run: (step) => callIfOffered(engine, step, subject, "virtual.stop", "stop", { mounts }) })
  const health = await job.step("observe", { run: async (step) => observe(engine, step, subject, mounts) })
  if (health.state === "active" && engine.plugins.offers(vdb.pluginId, "virtual.status")) {
    throw new EngineError("wrong_state", `"${vdb.name}" is still active after its stop.`, { action: health.action ?? "Read the job's log." })
  }
  await job.step("record", recordState(engine, vdb, "inactive"))
  await runHook(engine, job, "post-stop", subject, vdb, mounts)
}
