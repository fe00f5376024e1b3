import type { Effect } from "./job.ts"
import { mountedNow, mountEffect, mountsOf, unmount } from "./mounting.ts"
import type { Mounts } from "./mounts.ts"
import { publish } from "./publish.ts"
import { sourceSubject, theDsource } from "./subjects.ts"
import type { Subject, Take } from "./take.ts"
import { names, type Dsource, type Snapshot, type Value } from "./world.ts"

/** What a sync is given: nothing on a policy's run. */
type Parameters = Value | undefined

export async function link(take: Take): Promise<void> {
  const { kit } = take
  const { storage, world } = kit
  const id = kit.newId()
  const dsource: Dsource = { id, name: "the dSource", parameters: await kit.accept("linkedSource", kit.parameters.linkedSource ?? {}), state: "active", snapshots: [] }
  const subject = sourceSubject(kit, dsource)
  await take.job.step("create", {
    run: async () => {
      world.dsource = dsource
      await storage.create(names.live(dsource))
    },
    undo: async () => {
      const mounts = await stagingMounts(take, subject, dsource)
      if (mounts) await take.callIfOffered(subject, "linked.stopStaging", "delete", { mounts })
      await unmount(take, names.live(dsource))
      await storage.destroy(names.live(dsource))
      kit.ports.release(id)
      world.dsource = undefined
    },
  })
  await ingest(take, dsource, { first: true, resync: true, parameters: undefined })
  if (kit.offers("linked.status")) await take.call(subject, "linked.status", "status", { mounts: await mountedNow(take, subject, names.live(dsource)) })
}

export async function sync(take: Take): Promise<void> {
  const { kit } = take
  const dsource = theDsource(take)
  await ingest(take, dsource, { first: false, resync: false, parameters: await parametersOf(take) })
  const subject = sourceSubject(kit, dsource)
  if (kit.offers("linked.worker")) await take.call(subject, "linked.worker", "worker", { mounts: await mountedNow(take, subject, names.live(dsource)) })
}

/** A policy gives none; a person's are filled up. */
async function parametersOf({ kit, parameters }: Take): Promise<Parameters> {
  if (parameters === "absent") return undefined
  return kit.accept("snapshotParameters", { ...(parameters === "given" && kit.parameters.snapshotParameters), resync: false })
}

export async function resync(take: Take): Promise<void> {
  const { kit } = take
  await ingest(take, theDsource(take), { first: false, resync: true, parameters: await kit.accept("snapshotParameters", { ...kit.parameters.snapshotParameters, resync: true }) })
}

export async function dsourceDisable(take: Take): Promise<void> {
  const { kit, job } = take
  const dsource = theDsource(take)
  const subject = sourceSubject(kit, dsource)
  const mounts = await stagingMounts(take, subject, dsource)
  if (mounts) {
    await job.step("stop-staging", {
      run: () => take.callIfOffered(subject, "linked.stopStaging", "disable", { mounts }),
      undo: () => take.callIfOffered(subject, "linked.startStaging", "rollback", { mounts }),
    })
    await job.step("unmount", { run: () => unmount(take, names.live(dsource)), undo: () => mountEffect(take, subject, names.live(dsource), "rollback").run() })
  }
  dsource.state = "disabled"
}

export async function dsourceEnable(take: Take): Promise<void> {
  const { kit, job } = take
  const dsource = theDsource(take)
  const subject = sourceSubject(kit, dsource)
  if (!isDirect(take)) {
    const mounts = await job.step("mount", mountEffect(take, subject, names.live(dsource), "sync"))
    await job.step("start-staging", {
      run: () => take.callIfOffered(subject, "linked.startStaging", "enable", { mounts }),
      undo: () => take.callIfOffered(subject, "linked.stopStaging", "rollback", { mounts }),
    })
  }
  dsource.state = "active"
}

/** Every step finds out what is still there, so one that stopped is gone on with by the next. */
export async function dsourceDelete(take: Take): Promise<void> {
  const { kit } = take
  const dsource = theDsource(take)
  const subject = sourceSubject(kit, dsource)
  const mounts = await stagingMounts(take, subject, dsource)
  await take.callIfOffered(subject, "linked.stopStaging", "delete", { mounts: mounts ?? [kit.storage.path(names.live(dsource))] })
  await unmount(take, names.live(dsource))
  for (const { dataset, image } of dsource.snapshots) for (const doomed of [image, dataset]) if (doomed !== undefined) await kit.storage.destroy(doomed)
  await kit.storage.destroy(names.live(dsource))
  kit.ports.release(dsource.id)
  kit.world.dsource = undefined
}

async function ingest(take: Take, dsource: Dsource, { first, resync: startOver, parameters }: { first: boolean; resync: boolean; parameters: Parameters }): Promise<void> {
  const { kit, job } = take
  const subject = sourceSubject(kit, dsource)
  const reason = startOver ? "resync" : "sync"
  // It stays for as long as the dSource is enabled, so a failing sync leaves it.
  const mounts = isDirect(take) ? undefined : await job.step("mount", { run: mountEffect(take, subject, names.live(dsource), "sync").run })
  const input = { resync: startOver, ...(mounts && { mounts }), ...(parameters && { snapshotParameters: parameters }) }
  const anew = isDirect(take) && startOver && !first
  if (anew) await job.step("empty", emptyLive(take, dsource))
  const filled: Subject = isDirect(take) ? { ...subject, dataset: kit.storage.path(names.live(dsource)) } : subject
  await job.step("ingest", { run: () => take.callIfOffered(filled, "linked.preSnapshot", reason, input) })
  const turn = kit.nextTurn()
  const dataset = await takeSnapshot(take, subject, dsource, { mounts, turn })
  const snapshot: Snapshot = { dataset, metadata: await take.callForValue(subject, "linked.postSnapshot", reason, input) }
  const record = { run: async () => void dsource.snapshots.push(snapshot), undo: async () => void dsource.snapshots.splice(dsource.snapshots.indexOf(snapshot), 1) }
  await (first ? job.step("record", record) : job.commit("record", record))
  if (anew) await kit.storage.destroy(names.former(dsource))
  if (kit.offers("linked.publish")) await publish(take, subject, { operation: "linked.publish", snapshot, turn })
  if (kit.offers("linked.sourceSize")) await take.call(subject, "linked.sourceSize", "size")
}

async function takeSnapshot(take: Take, subject: Subject, dsource: Dsource, { mounts, turn }: { mounts: Mounts | undefined; turn: number }): Promise<string> {
  const { storage } = take.kit
  const quiesced = !storage.atomic && mounts !== undefined
  const dataset = names.snapshot(turn)
  const start = () => take.callIfOffered(subject, "linked.startStaging", "snapshot", { mounts })
  if (quiesced) await take.job.step("quiesce", { run: () => take.callIfOffered(subject, "linked.stopStaging", "snapshot", { mounts }), undo: start })
  await take.job.step("snapshot", { run: () => storage.snapshot(names.live(dsource), dataset), undo: () => storage.destroy(dataset) })
  if (quiesced) await take.job.step("resume", { run: start })
  return dataset
}

/** The engine itself fills a direct plugin's dataset, on its own machine: it is never mounted. */
const isDirect = ({ kit }: Take): boolean => kit.description.ingestion === "direct"

/** Where a dSource's dataset is mounted now; undefined when it is not. */
const stagingMounts = async (take: Take, subject: Subject, dsource: Dsource): Promise<Mounts | undefined> =>
  isDirect(take) ? undefined : mountsOf(take, subject, names.live(dsource))

/** Begins a direct dataset anew. What it held comes back when the sync fails. */
function emptyLive({ kit: { storage } }: Take, dsource: Dsource): Effect<void> {
  const [live, former] = [names.live(dsource), names.former(dsource)]
  return {
    run: async () => {
      await storage.snapshot(live, former)
      await storage.destroy(live)
      await storage.create(live)
    },
    undo: async () => {
      await storage.destroy(live)
      await storage.clone(former, live)
      await storage.destroy(former)
    },
  }
}
