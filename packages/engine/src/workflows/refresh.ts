import type { JobRecord } from "../catalog/jobs.ts"
import { insertTimeflow } from "../catalog/snapshots.ts"
import { changeVdb, type VdbRecord } from "../catalog/vdbs.ts"
import type { Effect, Job } from "../jobs/job.ts"
import type { PluginValue } from "../plugins/port.ts"
import { vdbSubject } from "./call.ts"
import type { Engine } from "./engine.ts"
import { chooseSnapshot, theDsource, theSnapshot, theVdb } from "./find.ts"
import { cloneGeneration, configure, mountGeneration, unconfigure, unmountGeneration } from "./generation.ts"
import { runHook } from "./hooks.ts"
import { parentLocks, parentOf, publishedParent } from "./parent.ts"
import { requestJob } from "./request.ts"
import type { PointRequest } from "./requests.ts"
import { requireState } from "./state.ts"
import { before, nothing, retire, type Before } from "./swap.ts"

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
  const old = await job.step("plan", before(engine, subject, vdb))
  const next = { ...vdb, generation: old.generation + 1 }
  await runHook(engine, job, "pre-refresh", subject, vdb, old.mounts)
  const snapshot = await publishedParent(engine, job, await theSnapshot(engine, snapshotId), nothing)
  await job.step("clone", cloneGeneration(engine, next, snapshot))
  await job.step("unconfigure", unconfigure(engine, subject, old.mounts, { reason: "refresh", wasActive: old.active }))
  await job.step("unmount", unmountGeneration(engine, subject, { ...vdb, generation: old.generation }))
  const mounts = await job.step("mount", mountGeneration(engine, subject, next, "refresh"))
  const sourceConfig = await job.step("configure", configure(engine, subject, mounts, { snapshot, reason: "refresh" }))
  await runHook(engine, job, "configure-clone", subject, vdb, mounts)
  await runHook(engine, job, "post-refresh", subject, vdb, mounts)
  await job.commit("record", replaceContent(engine, vdb, { jobId: job.id, old, snapshotId, sourceConfig, reason: "refresh" }))
  await job.step("retire", retire(engine, { ...vdb, generation: old.generation }))
}

/** The VDB's new content, on a timeflow of its own. */
export function replaceContent(
  engine: Engine, vdb: VdbRecord, content: { jobId: string; old: Before; snapshotId?: string; sourceConfig: PluginValue; reason: "refresh" | "rewind" },
): Effect<null> {
  const { jobId, old, snapshotId, sourceConfig, reason } = content
  return {
    run: async () => {
      await insertTimeflow(engine.catalog, { id: jobId, owner: { kind: "vdb", id: vdb.id }, reason })
      await changeVdb(engine.catalog, vdb.id, { state: "active", generation: old.generation + 1, sourceConfig, ...(snapshotId !== undefined && { snapshotId }) })
      return null
    },
  }
}
