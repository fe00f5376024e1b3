import type { Reason } from "@veneer/sdk"
import { expectRunning } from "./health.ts"
import type { Effect } from "./job.ts"
import { mountEffect, unmount } from "./mounting.ts"
import type { Mounts } from "./mounts.ts"
import type { Subject, Take } from "./take.ts"
import { names, type Snapshot, type Value, type Vdb } from "./world.ts"

/** One generation of a VDB: the dataset that is, or is about to be, under it. */
export type Generation = Pick<Vdb, "id" | "generation">

export function cloneGeneration({ kit: { storage } }: Take, vdb: Generation, { dataset, image }: Snapshot): Effect<void> {
  return { run: () => storage.clone(image ?? dataset, names.vdb(vdb)), undo: () => storage.destroy(names.vdb(vdb)) }
}

export const mountGeneration = (take: Take, subject: Subject, vdb: Generation, reason: Reason): Effect<Mounts> => mountEffect(take, subject, names.vdb(vdb), reason)

/** Takes a generation's mounts away; undo brings them back. */
export function unmountGeneration(take: Take, subject: Subject, vdb: Generation): Effect<void> {
  return { run: () => unmount(take, names.vdb(vdb)), undo: () => mountGeneration(take, subject, vdb, "rollback").run() }
}

/** Makes a mounted clone a running VDB; undo stops it and removes its traces. */
export function configure(take: Take, subject: Subject, mounts: Mounts, { snapshot, reason }: { snapshot: Snapshot; reason: Reason }): Effect<Value> {
  return bringUp(take, subject, mounts, () => take.callForValue(subject, "virtual.configure", reason, { mounts, snapshot: snapshot.metadata }), "virtual.configure")
}

/** Puts a configured VDB on its mounted data again and leaves it running. */
export function reconfigure(take: Take, subject: Subject, mounts: Mounts, reason: Reason): Effect<Value> {
  return bringUp(take, subject, mounts, () => take.callForValue(subject, "virtual.reconfigure", reason, { mounts }), "virtual.reconfigure")
}

/** Makes an empty dataset a running VDB. */
export function initialize(take: Take, subject: Subject, mounts: Mounts): Effect<Value> {
  return bringUp(take, subject, mounts, () => take.callForValue(subject, "virtual.initialize", "create", { mounts }), "virtual.initialize")
}

function bringUp(take: Take, subject: Subject, mounts: Mounts, run: () => Promise<Value>, operation: string): Effect<Value> {
  return {
    run: async () => {
      const sourceConfig = await run()
      await expectRunning(take, { ...subject, input: { ...subject.input, sourceConfig } }, mounts, { operation, running: true })
      return sourceConfig
    },
    undo: () => take.callIfOffered(subject, "virtual.unconfigure", "rollback", { mounts }),
  }
}

/** Stops a VDB and removes its traces on the host; undo brings it up again, if it was up. */
export function unconfigure(take: Take, subject: Subject, mounts: Mounts, { reason, wasActive }: { reason: Reason; wasActive: boolean }): Effect<void> {
  return {
    run: () => take.callIfOffered(subject, "virtual.unconfigure", reason, { mounts }),
    undo: async () => {
      if (!wasActive) return
      await take.call(subject, "virtual.reconfigure", "rollback", { mounts })
      await expectRunning(take, subject, mounts, { operation: "virtual.reconfigure", running: true })
    },
  }
}
