import type { JobRecord } from "../catalog/jobs.ts"
import type { Job } from "../jobs/job.ts"
import { vdbSubject } from "./call.ts"
import type { Engine } from "./engine.ts"
import { chooseSnapshot, theDsource, theSnapshot, theVdb } from "./find.ts"
import { configure } from "./generation.ts"
import { runHook } from "./hooks.ts"
import { parentLocks, parentOf } from "./parent.ts"
import { requestJob } from "./request.ts"
import type { PointRequest } from "./requests.ts"
import { requireState } from "./state.ts"
import { before, exchange, settle, type Swap } from "./swap.ts"

/** Replaces a VDB's content from its parent. */
export async function requestRefresh(engine: Engine, nameOrId: string, { at }: PointRequest): Promise<JobRecord> {
  const vdb = await theVdb(engine, nameOrId)
  requireState(vdb, "active", "inactive")
  const { owner } = await theSnapshot(engine, parentOf(vdb))
  const parent = owner.kind === "dsource" ? await theDsource(engine, owner.id) : await theVdb(engine, owner.id)
  const snapshot = await chooseSnapshot(engine, { ...owner, name: parent.name }, at)
  const locks = parentLocks(engine, { pluginId: vdb.pluginId, snapshot })
  return requestJob(engine, { kind: "refresh", subject: { kind: "vdb", id: vdb.id, name: vdb.name }, locks, request: { snapshotId: snapshot.id } })
}

export async function refresh(engine: Engine, job: Job, { id, snapshotId }: { id: string; snapshotId: string }): Promise<void> {
  const vdb = await theVdb(engine, id)
  const subject = await vdbSubject(engine, vdb)
  const swap: Swap = { engine, job, subject, vdb, reason: "refresh" }
  const old = await job.step("plan", before(swap))
  await runHook(engine, job, "pre-refresh", subject, vdb, old.mounts)
  const { snapshot, mounts } = await exchange(swap, old, snapshotId)
  const sourceConfig = await job.step("configure", configure(engine, subject, mounts, { snapshot, reason: "refresh" }))
  await runHook(engine, job, "configure-clone", subject, vdb, mounts)
  await runHook(engine, job, "post-refresh", subject, vdb, mounts)
  await settle(swap, old, { sourceConfig, snapshotId })
}
