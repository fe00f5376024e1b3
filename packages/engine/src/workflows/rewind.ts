import type { JobRecord } from "../catalog/jobs.ts"
import type { Job } from "../jobs/job.ts"
import { vdbSubject } from "./call.ts"
import type { Engine } from "./engine.ts"
import { chooseSnapshot, theVdb } from "./find.ts"
import { reconfigure } from "./generation.ts"
import { runHook } from "./hooks.ts"
import { parentLocks } from "./parent.ts"
import { requestJob } from "./request.ts"
import type { PointRequest } from "./requests.ts"
import { requireState } from "./state.ts"
import { before, exchange, settle, type Swap } from "./swap.ts"

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
  const swap: Swap = { engine, job, subject, vdb, reason: "rewind" }
  const old = await job.step("plan", before(swap))
  await runHook(engine, job, "pre-rewind", subject, vdb, old.mounts)
  const { mounts } = await exchange(swap, old, snapshotId)
  const sourceConfig = await job.step("reconfigure", reconfigure(engine, subject, mounts, "rewind"))
  await runHook(engine, job, "post-rewind", subject, vdb, mounts)
  await settle(swap, old, { sourceConfig })
}
