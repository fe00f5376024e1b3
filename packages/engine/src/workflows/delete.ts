import { deleteDsource, moveDsource, type DsourceRecord } from "../catalog/dsources.ts"
import type { JobRecord } from "../catalog/jobs.ts"
import { listSnapshots, type SnapshotOwner } from "../catalog/snapshots.ts"
import { changeVdb, childrenOf, deleteVdb, findVdb, type VdbRecord } from "../catalog/vdbs.ts"
import { findDsource } from "../catalog/dsources.ts"
import { EngineError, problemOf } from "../errors.ts"
import type { Job, Step } from "../jobs/job.ts"
import { callIfOffered, dsourceSubject, vdbSubject } from "./call.ts"
import type { Engine } from "./engine.ts"
import { theDsource, theVdb } from "./find.ts"
import { runHook } from "./hooks.ts"
import { mountsOf, unmountDataset, type Mounts } from "./mounts.ts"
import { liveDataset, vdbDataset } from "./names.ts"
import { requestJob } from "./request.ts"
import { destroySnapshotData } from "./snapshot.ts"
import { stagingMounts } from "./staging.ts"

const SNAPSHOT_PAGE = 1000

/** With `force`, what can't be removed is reported and left, and the object goes all the same. */
export interface DeleteRequest {
  force: boolean
}

/** Deletes a VDB with its snapshots. One that others came from can't go. */
export async function requestDelete(engine: Engine, nameOrId: string, { force }: DeleteRequest): Promise<JobRecord> {
  const vdb = await theVdb(engine, nameOrId)
  const children = await childrenOf(engine.catalog, { vdbId: vdb.id })
  refuseParent(vdb, children)
  return requestJob(engine, { kind: "delete", subject: { kind: "vdb", id: vdb.id, name: vdb.name }, request: { force } })
}

/** Every effect finds out what is still there, so a delete that stopped is gone on with by the next. */
export async function remove(engine: Engine, job: Job, { id, force }: { id: string; force: boolean }): Promise<void> {
  const vdb = await findVdb(engine.catalog, id)
  if (!vdb) return
  const subject = await vdbSubject(engine, vdb)
  await job.step("mark", { run: async () => changeVdb(engine.catalog, id, { state: "deleting" }) })
  const attempt = attempting(job, force)
  const mounts = await job.step("mounts", { run: async (step) => (await mountsOf(engine, step, subject, { pool: vdb.pool, dataset: vdbDataset(vdb) })) ?? null })
  if (mounts) {
    await runHook(engine, job, "pre-stop", subject, vdb, mounts)
    await attempt("unconfigure", async (step) => callIfOffered(engine, step, subject, "virtual.unconfigure", "delete", { mounts }))
  }
  await attempt("cleanup", async (step) => callIfOffered(engine, step, subject, "virtual.cleanup", "delete"))
  await attempt("unmount", async () => unmountDataset(engine, vdb.pool, vdbDataset(vdb)))
  await attempt("destroy", async () => destroyAll(engine, vdb.pool, { kind: "vdb", id }, `vdb/${id}/`))
  if (mounts) await runHook(engine, job, "post-stop", subject, vdb, [])
  await job.step("forget", { run: async () => (await deleteVdb(engine.catalog, id)) ?? null })
}

/** Deletes a dSource with its snapshots. One that VDBs came from can't go. */
export async function requestDsourceDelete(engine: Engine, nameOrId: string, { force }: DeleteRequest): Promise<JobRecord> {
  const dsource = await theDsource(engine, nameOrId)
  const children = await childrenOf(engine.catalog, { dsourceId: dsource.id })
  refuseParent(dsource, children)
  return requestJob(engine, { kind: "dsource-delete", subject: { kind: "dsource", id: dsource.id, name: dsource.name }, request: { force } })
}

export async function dsourceRemove(engine: Engine, job: Job, { id, force }: { id: string; force: boolean }): Promise<void> {
  const dsource = await findDsource(engine.catalog, id)
  if (!dsource) return
  const subject = await dsourceSubject(engine, dsource)
  await job.step("mark", { run: async () => moveDsource(engine.catalog, id, "deleting") })
  const attempt = attempting(job, force)
  // A disabled dSource may still hold something on the source, so its staging is mounted once more to be taken down.
  const mounts = await job.step("mounts", { run: async (step): Promise<Mounts | null> => (await stagingMounts(engine, step, subject, dsource)) ?? null })
  await attempt("stop-staging", async (step) => callIfOffered(engine, step, subject, "linked.stopStaging", "delete", { mounts: mounts ?? [engine.pools.get(dsource.pool).path(liveDataset(dsource))] }))
  await attempt("unmount", async () => unmountDataset(engine, dsource.pool, liveDataset(dsource)))
  await attempt("destroy", async () => destroyAll(engine, dsource.pool, { kind: "dsource", id }, `dsource/${id}/`))
  await job.step("forget", { run: async () => (await deleteDsource(engine.catalog, id)) ?? null })
}

function refuseParent(parent: VdbRecord | DsourceRecord, children: readonly { name: string }[]): void {
  if (children.length === 0) return
  throw new EngineError("in_use", `"${parent.name}" is what ${children.map(({ name }) => `"${name}"`).join(", ")} came from.`, { action: "Delete those VDBs first." })
}

/** Runs an effect as a step; when forced, its failure is logged as something left behind. */
function attempting(job: Job, force: boolean): (name: string, effect: (step: Step) => Promise<unknown>) => Promise<void> {
  return async (name, effect) => {
    await job.step(name, {
      run: async (step) => {
        await effect(step).catch((thrown: unknown) => {
          if (!force || step.signal.aborted) throw thrown
          const { message, action } = problemOf(thrown)
          step.log(`Left behind by ${name}: ${message} ${action}`)
        })
        return null
      },
    })
  }
}

/** Snapshots first, then whatever else storage holds under the object's own names. */
async function destroyAll(engine: Engine, pool: string, owner: SnapshotOwner, prefix: string): Promise<void> {
  const storage = engine.pools.get(pool)
  for (const { id } of await listSnapshots(engine.catalog, owner, { limit: SNAPSHOT_PAGE })) await destroySnapshotData(engine, pool, id)
  for (const { name } of await storage.list()) if (name.startsWith(prefix)) await storage.destroy(name)
}
