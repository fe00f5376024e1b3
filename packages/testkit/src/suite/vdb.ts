import { expectRunning, isRunning } from "./health.ts"
import { cloneGeneration, configure, initialize, mountGeneration, reconfigure, unconfigure, unmountGeneration } from "./generation.ts"
import { mountedNow, mountsOf, unmount } from "./mounting.ts"
import { publish, usableSnapshot } from "./publish.ts"
import { theVdb, vdbSubject } from "./subjects.ts"
import type { Take } from "./take.ts"
import { snapshotVdb } from "./vdb-snapshot.ts"
import { names, type Snapshot, type Vdb } from "./world.ts"

export async function provision(take: Take): Promise<void> {
  const { kit, job } = take
  const vdb = await newVdb(take, { isEmpty: false })
  const subject = vdbSubject(kit, vdb)
  const parent = usableSnapshot(take, kit.world.dsource?.snapshots ?? [], kit.offers("linked.publish"))
  const clone = cloneGeneration(take, vdb, parent)
  await job.step("clone", { run: () => appears(take, vdb, clone.run), undo: () => disappears(take, vdb, clone.undo) })
  const mounts = await job.step("mount", mountGeneration(take, subject, vdb, "provision"))
  vdb.sourceConfig = await job.step("configure", configure(take, subject, mounts, { snapshot: parent, reason: "provision" }))
  await snapshotVdb(take, vdb, mounts)
  if (kit.offers("virtual.sourceSize")) await take.call(vdbSubject(kit, vdb), "virtual.sourceSize", "size", { mounts })
}

export async function create(take: Take): Promise<void> {
  const { kit, job } = take
  const vdb = await newVdb(take, { isEmpty: true })
  const subject = vdbSubject(kit, vdb)
  await job.step("create", { run: () => appears(take, vdb, () => kit.storage.create(names.vdb(vdb))), undo: () => disappears(take, vdb, () => kit.storage.destroy(names.vdb(vdb))) })
  const mounts = await job.step("mount", mountGeneration(take, subject, vdb, "create"))
  vdb.sourceConfig = await job.step("initialize", initialize(take, subject, mounts))
  await snapshotVdb(take, vdb, mounts)
}

export async function refresh(take: Take): Promise<void> {
  const { kit } = take
  const parent = usableSnapshot(take, kit.world.dsource?.snapshots ?? [], kit.offers("linked.publish"))
  await exchange(take, "refresh", parent, (subject, mounts) => configure(take, subject, mounts, { snapshot: parent, reason: "refresh" }))
}

export async function rewind(take: Take): Promise<void> {
  const { kit } = take
  const vdb = theVdb(take)
  const snapshot = usableSnapshot(take, vdb.snapshots, false)
  if (kit.offers("virtual.publish") && snapshot.image === undefined) await publish(take, vdbSubject(kit, vdb), { operation: "virtual.publish", snapshot, turn: kit.nextTurn() })
  await exchange(take, "rewind", snapshot, (subject, mounts) => reconfigure(take, subject, mounts, "rewind"))
}

/** Replaces a VDB's generation by a clone of a snapshot; until the new one stands, the old one can come back. */
async function exchange(take: Take, reason: "refresh" | "rewind", from: Snapshot, bring: (subject: ReturnType<typeof vdbSubject>, mounts: [string, ...string[]]) => ReturnType<typeof configure>): Promise<void> {
  const { kit, job } = take
  const vdb = theVdb(take)
  const subject = vdbSubject(kit, vdb)
  const old = { id: vdb.id, generation: vdb.generation }
  const next = { ...old, generation: old.generation + 1 }
  const oldMounts = await mountedNow(take, subject, names.vdb(old))
  await job.step("clone", cloneGeneration(take, next, from))
  await job.step("unconfigure", unconfigure(take, subject, oldMounts, { reason, wasActive: vdb.state === "active" }))
  await job.step("unmount", unmountGeneration(take, subject, old))
  const mounts = await job.step("mount", mountGeneration(take, subject, next, reason))
  const sourceConfig = await job.step("bring-up", bring(subject, mounts))
  await job.commit("record", { run: async () => void Object.assign(vdb, { generation: next.generation, state: "active", sourceConfig } satisfies Partial<Vdb>) })
  await kit.storage.destroy(names.vdb(old))
}

export async function stop(take: Take): Promise<void> {
  const vdb = theVdb(take)
  const subject = vdbSubject(take.kit, vdb)
  const mounts = await mountedNow(take, subject, names.vdb(vdb))
  await take.callIfOffered(subject, "virtual.stop", "stop", { mounts })
  await expectRunning(take, subject, mounts, { operation: "virtual.stop", running: false })
  vdb.state = "inactive"
}

export async function start(take: Take): Promise<void> {
  const vdb = theVdb(take)
  const subject = vdbSubject(take.kit, vdb)
  const mounts = await mountedNow(take, subject, names.vdb(vdb))
  await take.callIfOffered(subject, "virtual.start", "start", { mounts })
  await expectRunning(take, subject, mounts, { operation: "virtual.start", running: true })
  vdb.state = "active"
}

export async function disable(take: Take): Promise<void> {
  const { kit, job } = take
  const vdb = theVdb(take)
  const subject = vdbSubject(kit, vdb)
  const mounts = await mountsOf(take, subject, names.vdb(vdb))
  if (mounts) {
    await job.step("unconfigure", unconfigure(take, subject, mounts, { reason: "disable", wasActive: vdb.state === "active" }))
    await job.step("unmount", unmountGeneration(take, subject, vdb))
  }
  vdb.state = "disabled"
}

export async function enable(take: Take): Promise<void> {
  const { kit, job } = take
  const vdb = theVdb(take)
  const subject = vdbSubject(kit, vdb)
  const mounts = await job.step("mount", mountGeneration(take, subject, vdb, "enable"))
  if ((await isRunning(take, subject, mounts)) !== true) vdb.sourceConfig = await job.step("reconfigure", reconfigure(take, subject, mounts, "enable"))
  vdb.state = "active"
}

/** Every step finds out what is still there, so one that stopped is gone on with by the next. */
export async function remove(take: Take): Promise<void> {
  const { kit } = take
  const vdb = theVdb(take)
  const subject = vdbSubject(kit, vdb)
  vdb.state = "deleting"
  const mounts = await mountsOf(take, subject, names.vdb(vdb))
  if (mounts) await take.callIfOffered(subject, "virtual.unconfigure", "delete", { mounts })
  await take.callIfOffered(subject, "virtual.cleanup", "delete")
  await unmount(take, names.vdb(vdb))
  await disappears(take, vdb, async () => {
    for (const { dataset, image } of vdb.snapshots) for (const doomed of [image, dataset]) if (doomed !== undefined) await kit.storage.destroy(doomed)
    await kit.storage.destroy(names.vdb(vdb))
  })
}

async function newVdb({ kit }: Take, { isEmpty }: Pick<Vdb, "isEmpty">): Promise<Vdb> {
  return { id: kit.newId(), name: "the VDB", parameters: await kit.accept("virtualSource", kit.parameters.virtualSource ?? {}), generation: 1, state: "active", isEmpty, snapshots: [] }
}

async function appears({ kit: { world } }: Take, vdb: Vdb, make: () => Promise<unknown>): Promise<void> {
  world.vdb = vdb
  await make()
}

async function disappears({ kit }: Take, vdb: Vdb, destroy: (() => Promise<unknown>) | undefined): Promise<void> {
  await destroy?.()
  kit.ports.release(vdb.id)
  kit.world.vdb = undefined
}
