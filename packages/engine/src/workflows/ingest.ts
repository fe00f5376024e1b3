import { moveDsource, type DsourceRecord } from "../catalog/dsources.ts"
import { saveSize } from "../catalog/observed.ts"
import { currentTimeflow, deleteSnapshot, findSnapshot, insertSnapshot } from "../catalog/snapshots.ts"
import { EngineError } from "../errors.ts"
import type { Effect, Job, Step } from "../jobs/job.ts"
import type { PluginValue } from "../plugins/port.ts"
import { callIfOffered, callPlugin, dsourceSubject, type Subject } from "./call.ts"
import { emptyLive, forgetFormer, isDirect } from "./direct.ts"
import type { Engine } from "./engine.ts"
import { ensureHook, runHook } from "./hooks.ts"
import type { Mounts } from "./mounts.ts"
import { liveDataset, snapshotDataset } from "./names.ts"
import { publish } from "./publish.ts"
import { mountStaging } from "./staging.ts"

/** How an ingestion goes. */
export interface Ingestion {
  /** Of a dSource being linked: nothing is kept unless all of it succeeds. */
  first: boolean
  /** Start over. */
  resync: boolean
  /** What a person gave; absent on policy runs. */
  parameters?: PluginValue | undefined
}

/** Brings a dSource up to date, snapshots it and publishes the snapshot. The job's id names the snapshot. */
export async function ingest(engine: Engine, job: Job, dsource: DsourceRecord, { first, resync, parameters }: Ingestion): Promise<void> {
  const subject = await dsourceSubject(engine, dsource)
  const reason = resync ? "resync" : "sync"
  await ensureHook(engine, job, "post-sync", subject, dsource, async () => {
    const direct = isDirect(engine, dsource.pluginId)
    const startsOver = direct && resync && !first
    const mounts = direct ? undefined : await mountStaging(engine, job, subject, dsource)
    const input = { resync, ...(mounts && { mounts }), ...(parameters && { snapshotParameters: parameters }) }
    await runHook(engine, job, "pre-sync", subject, dsource, mounts)
    if (startsOver) await job.step("empty", emptyLive(engine, dsource))
    const filled = { ...subject, ...(direct && { dataset: engine.pools.get(dsource.pool).path(liveDataset(dsource)) }) }
    await job.step("ingest", { run: (step) => callIfOffered(engine, step, filled, "linked.preSnapshot", reason, input) })
    await takeSnapshot(engine, job, subject, dsource, mounts)
    const metadata = await job.step("describe", { run: (step) => callPlugin(engine, step, subject, "linked.postSnapshot", reason, input) })
    const record = recordSnapshot(engine, dsource, job.id, metadata)
    await (first ? job.step("record", record) : job.commit("record", record))
    if (startsOver) await job.step("forget-former", forgetFormer(engine, dsource))
    const snapshot = await findSnapshot(engine.catalog, job.id)
    if (!snapshot) throw new EngineError("internal", `Snapshot ${job.id} is gone right after it was recorded.`)
    if (engine.plugins.offers(dsource.pluginId, "linked.publish")) await publish(engine, job, subject, snapshot)
    if (engine.plugins.offers(dsource.pluginId, "linked.sourceSize")) await job.step("size", measure(engine, subject, dsource))
    await job.step("activate", { run: async () => moveDsource(engine.catalog, dsource.id, "active") })
  })
}

/** Where storage can't snapshot files that are being written, whatever writes them is stopped meanwhile. */
async function takeSnapshot(engine: Engine, job: Job, subject: Subject, dsource: DsourceRecord, mounts: Mounts | undefined): Promise<void> {
  const storage = engine.pools.get(dsource.pool)
  const start = (step: Step) => callIfOffered(engine, step, subject, "linked.startStaging", "snapshot", { mounts })
  const quiet = storage.atomic || !mounts
  if (!quiet) {
    await job.step("quiesce", {
      run: (step) => callIfOffered(engine, step, subject, "linked.stopStaging", "snapshot", { mounts }),
      undo: async (step) => void (await start(step)),
    })
  }
  await job.step("snapshot", {
    run: async () => storage.snapshot(liveDataset(dsource), snapshotDataset(job.id)),
    undo: async () => storage.destroy(snapshotDataset(job.id)),
  })
  if (!quiet) await job.step("resume", { run: start })
}

function recordSnapshot(engine: Engine, dsource: DsourceRecord, id: string, metadata: PluginValue): Effect<null> {
  const owner = { kind: "dsource", id: dsource.id } as const
  return {
    run: async () => {
      const timeflowId = (await currentTimeflow(engine.catalog, owner)) ?? dsource.id
      const state = engine.plugins.offers(dsource.pluginId, "linked.publish") ? "taken" : "published"
      await insertSnapshot(engine.catalog, { id, owner, timeflowId, pool: dsource.pool, dataset: snapshotDataset(id), metadata, state })
      return null
    },
    undo: async () => deleteSnapshot(engine.catalog, id),
  }
}

function measure(engine: Engine, subject: Subject, dsource: DsourceRecord): Effect<number> {
  return {
    run: async (step) => {
      const bytes = await callPlugin(engine, step, subject, "linked.sourceSize", "size")
      await saveSize(engine.catalog, "dsource", dsource.id, bytes)
      return bytes
    },
  }
}
