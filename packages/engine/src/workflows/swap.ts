import { insertTimeflow, type SnapshotRecord } from "../catalog/snapshots.ts"
import { changeVdb, type VdbRecord } from "../catalog/vdbs.ts"
import type { Effect, Job } from "../jobs/job.ts"
import type { PluginValue } from "../plugins/port.ts"
import type { Subject } from "./call.ts"
import type { Engine } from "./engine.ts"
import { theSnapshot } from "./find.ts"
import { cloneGeneration, mountGeneration, unconfigure, unmountGeneration, type Generation } from "./generation.ts"
import type { Mounts } from "./mounts.ts"
import { vdbDataset } from "./names.ts"
import { publishedParent } from "./parent.ts"
import { mountedVdb } from "./state.ts"

/** A change of a VDB's content: a new generation takes the place of the one that is there. */
export interface Swap {
  engine: Engine
  job: Job
  subject: Subject
  vdb: VdbRecord
  reason: "refresh" | "rewind"
}

/** How a VDB was before it; recorded, since the job itself changes it. */
export interface Before {
  generation: number
  active: boolean
  mounts: Mounts
}

export function before({ engine, subject, vdb }: Swap): Effect<Before> {
  return { run: async (step) => ({ generation: vdb.generation, active: vdb.state === "active", mounts: await mountedVdb(engine, step, subject, vdb) }) }
}

/** Stops the old generation, which is kept until {@link settle}, and mounts a clone of a snapshot where it was. */
export async function exchange({ engine, job, subject, vdb, reason }: Swap, old: Before, snapshotId: string): Promise<{ snapshot: SnapshotRecord; mounts: Mounts }> {
  const next = { ...vdb, generation: old.generation + 1 }
  const snapshot = await publishedParent(engine, job, await theSnapshot(engine, snapshotId), nothing)
  await job.step("clone", cloneGeneration(engine, next, snapshot))
  await job.step("unconfigure", unconfigure(engine, subject, old.mounts, { reason, wasActive: old.active }))
  await job.step("unmount", unmountGeneration(engine, subject, { ...vdb, generation: old.generation }))
  const mounts = await job.step("mount", mountGeneration(engine, subject, next, reason))
  return { snapshot, mounts }
}

/** Makes the new generation the VDB's own, on a timeflow of its own; from then on there is no way back, and the old one goes. */
export async function settle({ engine, job, vdb, reason }: Swap, old: Before, content: { sourceConfig: PluginValue; snapshotId?: string }): Promise<void> {
  await job.commit("record", {
    run: async () => {
      await insertTimeflow(engine.catalog, { id: job.id, owner: { kind: "vdb", id: vdb.id }, reason })
      await changeVdb(engine.catalog, vdb.id, { state: "active", generation: old.generation + 1, ...content })
      return null
    },
  })
  await job.step("retire", retire(engine, { ...vdb, generation: old.generation }))
}

/** Destroys a generation that nothing stands on any more. */
function retire(engine: Engine, vdb: Generation): Effect<null> {
  return {
    run: async () => {
      await engine.pools.get(vdb.pool).destroy(vdbDataset(vdb))
      return null
    },
  }
}

/** A step that only marks a place in the record. */
const nothing: Effect<null> = { run: async () => null }
