import { findSnapshot, setPublished, type SnapshotRecord } from "../catalog/snapshots.ts"
import { EngineError, problemOf } from "../errors.ts"
import type { Effect, Job } from "../jobs/job.ts"
import { callPlugin, type Subject } from "./call.ts"
import type { Engine } from "./engine.ts"
import { mountApart, unmountDataset } from "./mounts.ts"
import { imageDataset, publishDataset } from "./names.ts"

/** Whether a snapshot has still to be published before anything can start from it. */
export function needsPublishing(engine: Engine, pluginId: string, snapshot: SnapshotRecord): boolean {
  return snapshot.image === undefined && engine.plugins.offers(pluginId, operationOf(snapshot))
}

/** The dataset to clone from. */
export const imageOf = (snapshot: SnapshotRecord): string => snapshot.image ?? snapshot.dataset

/**
 * Makes the published image of a snapshot, once: clones it, lets the plugin make the clone clean, keeps that read-only.
 * A snapshot whose image is there already costs nothing.
 */
export async function publish(engine: Engine, job: Job, subject: Subject, snapshot: SnapshotRecord): Promise<void> {
  const { id, pool } = snapshot
  const storage = engine.pools.get(pool)
  const clone = publishDataset(id)
  const step = <T>(name: string, effect: Effect<T>) => job.step(name, notingFailure(engine, snapshot, effect))
  await step("publish-clone", {
    run: async () => storage.clone(snapshot.dataset, clone),
    undo: async () => storage.destroy(clone),
  })
  const mounts = await step("publish-mount", mountApart(engine, subject, { pool, dataset: clone, name: id }))
  const evidence = await step("publish", {
    run: (context) => callPlugin(engine, context, subject, operationOf(snapshot), "publish", { snapshot: snapshot.metadata, mounts }),
  })
  await step("publish-unmount", { run: async () => unmountDataset(engine, pool, clone) })
  await step("image", {
    run: async () => storage.snapshot(clone, imageDataset(id)),
    // Another job may have come to rely on an image that is recorded.
    undo: async () => {
      if ((await findSnapshot(engine.catalog, id))?.image === undefined) await storage.destroy(imageDataset(id))
    },
  })
  await step("record-image", {
    run: async () => setPublished(engine.catalog, id, { image: imageDataset(id), metadata: { ...snapshot.metadata, ...evidence } }),
  })
  await step("publish-clean", { run: async () => storage.destroy(clone) })
}

/** A dSource's snapshot that could not be published is marked: it is kept for repair, and nothing is provisioned from it. */
function notingFailure<T>(engine: Engine, snapshot: SnapshotRecord, effect: Effect<T>): Effect<T> {
  if (snapshot.owner.kind === "vdb") return effect
  return {
    ...effect,
    run: (step) => effect.run(step).catch(async (thrown: unknown) => {
      if (!step.signal.aborted || isCancelled(step.signal.reason)) await setPublished(engine.catalog, snapshot.id, { problem: problemOf(thrown) })
      throw thrown
    }),
  }
}

const isCancelled = (reason: unknown): boolean => reason instanceof EngineError && reason.code === "cancelled"

const operationOf = ({ owner }: SnapshotRecord) => (owner.kind === "dsource" ? "linked.publish" : "virtual.publish")
