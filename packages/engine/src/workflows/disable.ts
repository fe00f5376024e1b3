import { moveDsource } from "../catalog/dsources.ts"
import type { JobRecord } from "../catalog/jobs.ts"
import type { Effect, Job } from "../jobs/job.ts"
import { callIfOffered, dsourceSubject, vdbSubject, type Subject } from "./call.ts"
import type { Engine } from "./engine.ts"
import { theDsource, theVdb } from "./find.ts"
import { recordState, unconfigure, unmountGeneration } from "./generation.ts"
import { mountEffect, mountsOf, unmountDataset, type Mounts } from "./mounts.ts"
import { liveDataset, vdbDataset } from "./names.ts"
import { requestJob } from "./request.ts"
import { stagingMounts } from "./staging.ts"
import { requireState } from "./state.ts"

/** Detaches a VDB: it is shut down and unmounted, and kept. */
export async function requestDisable(engine: Engine, nameOrId: string): Promise<JobRecord> {
  const vdb = await theVdb(engine, nameOrId)
  requireState(vdb, "active", "inactive", "disabled")
  return requestJob(engine, { kind: "disable", subject: { kind: "vdb", id: vdb.id, name: vdb.name } })
}

export async function disable(engine: Engine, job: Job, { id }: { id: string }): Promise<void> {
  const vdb = await theVdb(engine, id)
  const subject = await vdbSubject(engine, vdb)
  const place = { pool: vdb.pool, dataset: vdbDataset(vdb) }
  const was = await job.step("observe", observeMounts(engine, subject, place, vdb.state === "active"))
  if (was.mounts) {
    await job.step("unconfigure", unconfigure(engine, subject, was.mounts, { reason: "disable", wasActive: was.active }))
    await job.step("unmount", unmountGeneration(engine, subject, vdb))
  }
  await job.step("record", recordState(engine, vdb, "disabled"))
}

/** Recorded, since the job itself takes the mounts away. */
function observeMounts(engine: Engine, subject: Subject, place: { pool: string; dataset: string }, active: boolean): Effect<{ active: boolean; mounts?: Mounts }> {
  return {
    run: async (step) => {
      const mounts = await mountsOf(engine, step, subject, place)
      return mounts ? { active, mounts } : { active }
    },
  }
}

/** Detaches a dSource: its staging is stopped and unmounted; its snapshots stay usable. */
export async function requestDsourceDisable(engine: Engine, nameOrId: string): Promise<JobRecord> {
  const dsource = await theDsource(engine, nameOrId)
  requireState(dsource, "active", "disabled")
  return requestJob(engine, { kind: "dsource-disable", subject: { kind: "dsource", id: dsource.id, name: dsource.name } })
}

export async function dsourceDisable(engine: Engine, job: Job, { id }: { id: string }): Promise<void> {
  const dsource = await theDsource(engine, id)
  const subject = await dsourceSubject(engine, dsource)
  const was = await job.step("observe", { run: async (step) => ({ mounts: (await stagingMounts(engine, step, subject, dsource)) ?? null }) })
  const { mounts } = was
  if (mounts) {
    await job.step("stop-staging", {
      run: (step) => callIfOffered(engine, step, subject, "linked.stopStaging", "disable", { mounts }),
      undo: async (step) => void (await callIfOffered(engine, step, subject, "linked.startStaging", "rollback", { mounts })),
    })
    const place = { pool: dsource.pool, dataset: liveDataset(dsource) }
    await job.step("unmount", {
      run: async () => (await unmountDataset(engine, place.pool, place.dataset)) ?? null,
      undo: async (step) => void (await mountEffect(engine, subject, { ...place, reason: "rollback" }).run(step)),
    })
  }
  await job.step("record", { run: async () => moveDsource(engine.catalog, dsource.id, "disabled") })
}
