import type { MountSpecification, Reason } from "@veneer/sdk"
import type { VdbState } from "../catalog/schema.ts"
import { changeVdb, type VdbRecord } from "../catalog/vdbs.ts"
import type { SnapshotRecord } from "../catalog/snapshots.ts"
import type { Effect } from "../jobs/job.ts"
import type { PluginValue } from "../plugins/port.ts"
import { callIfOffered, callPlugin, type Subject } from "./call.ts"
import type { Engine } from "./engine.ts"
import { mountEffect, unmountDataset, type Mounts } from "./mounts.ts"
import { vdbDataset } from "./names.ts"
import { imageOf } from "./publish.ts"

/** One generation of a VDB: the dataset that is, or is about to be, under it. */
export type Generation = Pick<VdbRecord, "id" | "pool" | "generation">

/** A writable clone of what a snapshot published. */
export function cloneGeneration(engine: Engine, vdb: Generation, snapshot: SnapshotRecord): Effect<null> {
  const storage = engine.pools.get(vdb.pool)
  return {
    run: async () => {
      await storage.clone(imageOf(snapshot), vdbDataset(vdb))
      return null
    },
    undo: async () => storage.destroy(vdbDataset(vdb)),
  }
}

export function mountGeneration(engine: Engine, subject: Subject, vdb: Generation, reason: Reason, specification?: MountSpecification): Effect<Mounts> {
  return mountEffect(engine, subject, { pool: vdb.pool, dataset: vdbDataset(vdb), reason, ...(specification && { specification }) })
}

/** Takes a generation's mounts away; undo brings them back. */
export function unmountGeneration(engine: Engine, subject: Subject, vdb: Generation): Effect<null> {
  return {
    run: async () => {
      await unmountDataset(engine, vdb.pool, vdbDataset(vdb))
      return null
    },
    undo: async (step) => void (await mountGeneration(engine, subject, vdb, "rollback").run(step)),
  }
}

/** Makes a mounted clone a running VDB; undo stops it and removes its traces. */
export function configure(engine: Engine, subject: Subject, mounts: Mounts, { snapshot, reason }: { snapshot: SnapshotRecord; reason: Reason }): Effect<PluginValue> {
  return {
    run: (step) => callPlugin(engine, step, subject, "virtual.configure", reason, { mounts, snapshot: snapshot.metadata }),
    undo: unconfigureNow(engine, subject, mounts),
  }
}

/** Puts a configured VDB on its mounted data again and leaves it running; undo as for {@link configure}. */
export function reconfigure(engine: Engine, subject: Subject, mounts: Mounts, reason: Reason): Effect<PluginValue> {
  return {
    run: (step) => callPlugin(engine, step, subject, "virtual.reconfigure", reason, { mounts }),
    undo: unconfigureNow(engine, subject, mounts),
  }
}

/** Stops a VDB and removes its traces on the host; undo brings it up again, if it was up. */
export function unconfigure(engine: Engine, subject: Subject, mounts: Mounts, { reason, wasActive }: { reason: Reason; wasActive: boolean }): Effect<null> {
  return {
    run: (step) => callIfOffered(engine, step, subject, "virtual.unconfigure", reason, { mounts }),
    undo: async (step) => {
      if (wasActive) await callPlugin(engine, step, subject, "virtual.reconfigure", "rollback", { mounts })
    },
  }
}

const unconfigureNow = (engine: Engine, subject: Subject, mounts: Mounts): Effect<unknown>["undo"] => async (step) =>
  void (await callIfOffered(engine, step, subject, "virtual.unconfigure", "rollback", { mounts }))

/** Writes a VDB's new state. */
export function recordState(engine: Engine, vdb: VdbRecord, state: VdbState, sourceConfig?: PluginValue): Effect<boolean> {
  return { run: async () => changeVdb(engine.catalog, vdb.id, { state, ...(sourceConfig && { sourceConfig }) }) }
}
