import { BrokenPromise } from "./broken-promise.ts"
import { mountApart, unmount } from "./mounting.ts"
import type { Subject, Take } from "./take.ts"
import { names, type Snapshot } from "./world.ts"

/** What is published, and by which operation. */
export interface Publication {
  operation: "linked.publish" | "virtual.publish"
  snapshot: Snapshot
  /** The snapshot's number. */
  turn: number
}

/** Lets the plugin make a clone of a snapshot what VDBs start from, and keeps that as the snapshot's image. */
export async function publish(take: Take, subject: Subject, { operation, snapshot, turn }: Publication): Promise<void> {
  const { job, kit: { storage } } = take
  const clone = names.publish(turn)
  const image = names.image(turn)
  await job.step("publish-clone", { run: () => storage.clone(snapshot.dataset, clone), undo: () => storage.destroy(clone) })
  const mounts = await job.step("publish-mount", mountApart(take, subject, clone, String(turn)))
  const evidence = await job.step("publish", { run: () => take.callForValue(subject, operation, "publish", { snapshot: snapshot.metadata, mounts }) })
  await job.step("publish-unmount", { run: () => unmount(take, clone) })
  await job.step("image", { run: () => storage.snapshot(clone, image), undo: () => storage.destroy(image) })
  await job.step("record-image", {
    run: async () => {
      snapshot.image = image
      snapshot.metadata = { ...snapshot.metadata, ...evidence }
    },
    undo: async () => void delete snapshot.image,
  })
  await storage.destroy(clone)
}

/** The newest snapshot that something can be made from. */
export function usableSnapshot(take: Take, snapshots: readonly Snapshot[], publishes: boolean): Snapshot {
  const found = snapshots.findLast(({ image }) => !publishes || image !== undefined)
  if (found) return found
  throw new BrokenPromise({ found: `In ${take.workflow} there is no published snapshot.`, promise: "A sync ends with a published snapshot.", action: "See why linked.publish failed." })
}
