import type { JobRecord } from "../catalog/jobs.ts"
import type { Job } from "../jobs/job.ts"
import { vdbSubject } from "./call.ts"
import type { Engine } from "./engine.ts"
import { chooseSnapshot, theSnapshot, theVdb } from "./find.ts"
import { cloneGeneration, mountGeneration, reconfigure, unconfigure, unmountGeneration } from "./generation.ts"
import { runHook } from "./hooks.ts"
import { parentLocks, publishedParent } from "./parent.ts"
import { replaceContent } from "./refresh.ts"
import { requestJob } from "./request.ts"
import type { PointRequest } from "./requests.ts"
import { requireState } from "./state.ts"
import { before, nothing, retire } from "./swap.ts"

/** Returns a VDB to a snapshot of its own. */
export async function requestRewind(engine: Engine, nameOrId: string, { at }: PointRequest): Promise<JobRecord> {
  const vdb = await theVdb(engine, nameOrId)
  requireState(vdb, "active", "inactive")
  const snapshot = await chooseSnapshot(engine, { kind: "vdb", id: vdb.id, name: vdb.name }, at)
  const locks = parentLocks(engine, { pluginId: vdb.pluginId, snapshot })
  return requestJob(engine, { kind: "rewind", subject: { kind: "vdb", id: vdb.id, name: vdb.name }, locks, request: { snapshotId: snapshot.id } })
}

export async function rewind(engine: Engine, job: Job, { id, snapshotId }: { id: string; snapshotId: string }): Promise<void> {
  const vdb = await theVdb(engine, id)
  const subject = await vdbSubject(engine, vdb)
  const old = await job.step("plan", before(engine, subject, vdb))
  const next = { ...vdb, generation: old.generation + 1 }
  await runHook(engine, job, "pre-rewind", subject, vdb, old.mounts)
  const snapshot = await publishedParent(engine, job, await theSnapshot(engine, snapshotId), nothing)
  await job.step("clone", cloneGeneration(engine, next, snapshot))
  await job.step("unconfigure", unconfigure(engine, subject, old.mounts, { reason: "rewind", wasActive: old.active }))
  await job.step("unmount", unmountGeneration(engine, subject, { ...vdb, generation: old.generation }))
  const mounts = await job.step("mount", mountGeneration(engine, subject, next, "rewind"))
  const sourceConfig = await job.step("reconfigure", reconfigure(engine, subject, mounts, "rewind"))
  await runHook(engine, job, "post-rewind", subject, vdb, mounts)
  await job.commit("record", replaceContent(engine, vdb, { jobId: job.id, old, sourceConfig, reason: "rewind" }))
  await job.step("retire", retire(engine, { ...vdb, generation: old.generation }))
}
