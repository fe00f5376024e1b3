import type { JobRecord } from "../catalog/jobs.ts"
import { currentTimeflow, deleteSnapshot, findSnapshot, insertSnapshot, vdbsFrom } from "../catalog/snapshots.ts"
import type { VdbRecord } from "../catalog/vdbs.ts"
import { EngineError } from "../errors.ts"
import type { Effect, Job, Step } from "../jobs/job.ts"
import type { PluginValue } from "../plugins/port.ts"
import { callIfOffered, callPlugin, vdbSubject, type Subject } from "./call.ts"
import type { Engine } from "./engine.ts"
import { theDsource, theSnapshot, theVdb } from "./find.ts"
import { ensureHook, runHook } from "./hooks.ts"
import type { Mounts } from "./mounts.ts"
import { imageDataset, publishDataset, snapshotDataset, vdbDataset } from "./names.ts"
import { lockOf, requestJob } from "./request.ts"
import { mountedVdb, requireState } from "./state.ts"

/** Takes a snapshot of a running or stopped VDB. */
export async function requestVdbSnapshot(engine: Engine, nameOrId: string): Promise<JobRecord> {
  const vdb = await theVdb(engine, nameOrId)
  requireState(vdb, "active", "inactive")
  return requestJob(engine, { kind: "snapshot", subject: { kind: "vdb", id: vdb.id, name: vdb.name } })
}

export async function snapshot(engine: Engine, job: Job, { id }: { id: string }): Promise<void> {
  const vdb = await theVdb(engine, id)
  const subject = await vdbSubject(engine, vdb)
  const mounts = await job.step("mounts", { run: async (step) => mountedVdb(engine, step, subject, vdb) })
  await ensureHook(engine, job, "post-snapshot", subject, vdb, async () => {
    await runHook(engine, job, "pre-snapshot", subject, vdb, mounts)
    await snapshotVdb(engine, job, vdb, mounts)
  })
}

/** Snapshots a VDB within a job, whose id names the snapshot. */
export async function snapshotVdb(engine: Engine, job: Job, vdb: VdbRecord, mounts: Mounts): Promise<void> {
  const subject = await vdbSubject(engine, vdb)
  const storage = engine.pools.get(vdb.pool)
  if (engine.plugins.offers(vdb.pluginId, "virtual.preSnapshot")) {
    await job.step("prepare-snapshot", { run: (step) => callIfOffered(engine, step, subject, "virtual.preSnapshot", "snapshot", { mounts }) })
  }
  const quiesced = !storage.atomic && vdb.state !== "inactive"
  if (quiesced) await job.step("quiesce", { run: stop(engine, subject, mounts), undo: async (step) => void (await start(engine, subject, mounts)(step)) })
  await job.step("snapshot", {
    run: () => storage.snapshot(vdbDataset(vdb), snapshotDataset(job.id)),
    undo: async () => storage.destroy(snapshotDataset(job.id)),
  })
  if (quiesced) await job.step("resume", { run: start(engine, subject, mounts) })
  const metadata = await job.step("describe", { run: (step) => callPlugin(engine, step, subject, "virtual.postSnapshot", "snapshot", { mounts }) })
  await job.step("record-snapshot", recordSnapshot(engine, vdb, job.id, metadata))
}

/** Deletes a snapshot nothing came from. */
export async function requestSnapshotDelete(engine: Engine, id: string): Promise<JobRecord> {
  const { owner } = await theSnapshot(engine, id)
  const name = owner.kind === "dsource" ? (await theDsource(engine, owner.id)).name : (await theVdb(engine, owner.id)).name
  await refuseUsed(engine, id)
  return requestJob(engine, { kind: "snapshot-delete", subject: { kind: "snapshot", id, name: `${name}/${id}` }, locks: [lockOf(owner.kind, owner.id)] })
}

export async function snapshotDelete(engine: Engine, job: Job, { id }: { id: string }): Promise<void> {
  await job.step("destroy", {
    run: async () => {
      const found = await findSnapshot(engine.catalog, id)
      if (!found) return null
      await refuseUsed(engine, id)
      await destroySnapshotData(engine, found.pool, id)
      await deleteSnapshot(engine.catalog, id)
      return null
    },
  })
}

/** Removes what storage holds of a snapshot. */
export async function destroySnapshotData(engine: Engine, pool: string, id: string): Promise<void> {
  const storage = engine.pools.get(pool)
  for (const dataset of [publishDataset(id), imageDataset(id), snapshotDataset(id)]) await storage.destroy(dataset)
}

async function refuseUsed(engine: Engine, id: string): Promise<void> {
  const users = await vdbsFrom(engine.catalog, id)
  if (users.length > 0) throw new EngineError("in_use", `Snapshot ${id} is what ${users.join(", ")} came from.`, { action: "Delete or refresh those VDBs first." })
}

const stop = (engine: Engine, subject: Subject, mounts: Mounts) => (step: Step) => callIfOffered(engine, step, subject, "virtual.stop", "snapshot", { mounts })
const start = (engine: Engine, subject: Subject, mounts: Mounts) => (step: Step) => callIfOffered(engine, step, subject, "virtual.start", "snapshot", { mounts })

function recordSnapshot(engine: Engine, vdb: VdbRecord, id: string, metadata: PluginValue): Effect<null> {
  const owner = { kind: "vdb", id: vdb.id } as const
  return {
    run: async () => {
      const timeflowId = (await currentTimeflow(engine.catalog, owner)) ?? vdb.id
      const state = engine.plugins.offers(vdb.pluginId, "virtual.publish") ? "taken" : "published"
      await insertSnapshot(engine.catalog, { id, owner, timeflowId, pool: vdb.pool, dataset: snapshotDataset(id), metadata, state })
      return null
    },
    undo: async () => deleteSnapshot(engine.catalog, id),
  }
}
