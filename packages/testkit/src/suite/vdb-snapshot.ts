import { mountedNow } from "./mounting.ts"
import type { Mounts } from "./mounts.ts"
import { theVdb, vdbSubject } from "./subjects.ts"
import type { Take } from "./take.ts"
import { names, type Vdb } from "./world.ts"

export async function snapshot(take: Take): Promise<void> {
  const vdb = theVdb(take)
  await snapshotVdb(take, vdb, await mountedNow(take, vdbSubject(take.kit, vdb), names.vdb(vdb)))
}

/** Where storage can't snapshot files that are being written, the VDB is stopped meanwhile. */
export async function snapshotVdb(take: Take, vdb: Vdb, mounts: Mounts): Promise<void> {
  const { kit: { storage }, job } = take
  const subject = vdbSubject(take.kit, vdb)
  const dataset = names.snapshot(take.kit.nextTurn())
  const start = () => take.callIfOffered(subject, "virtual.start", "snapshot", { mounts })
  await job.step("prepare-snapshot", { run: () => take.callIfOffered(subject, "virtual.preSnapshot", "snapshot", { mounts }) })
  const quiesced = !storage.atomic && vdb.state !== "inactive"
  if (quiesced) await job.step("quiesce", { run: () => take.callIfOffered(subject, "virtual.stop", "snapshot", { mounts }), undo: start })
  await job.step("snapshot", { run: () => storage.snapshot(names.vdb(vdb), dataset), undo: () => storage.destroy(dataset) })
  if (quiesced) await job.step("resume", { run: start })
  const metadata = await job.step("describe", { run: () => take.callForValue(subject, "virtual.postSnapshot", "snapshot", { mounts }) })
  vdb.snapshots.push({ dataset, metadata })
}
