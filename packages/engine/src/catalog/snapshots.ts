import { sql, type Selectable } from "kysely"
import type { Problem } from "../errors.ts"
import type { PluginValue } from "../plugins/port.ts"
import type { Catalog } from "./catalog.ts"
import type { SnapshotState, Tables } from "./schema.ts"

/** Whose snapshot it is. */
export type SnapshotOwner = { kind: "dsource" | "vdb"; id: string }

/** A dSource or VDB at one moment. */
export interface SnapshotRecord {
  id: string
  owner: SnapshotOwner
  timeflowId: string
  pool: string
  /** The read-only dataset as it was taken. */
  dataset: string
  /** The published image, from which VDBs are cloned. */
  image: string | undefined
  state: SnapshotState
  metadata: PluginValue
  /** Why publishing it failed. */
  problem: Problem | undefined
  takenAt: Date
}

/** Starts a timeflow: at link, provision, refresh and rewind. An existing one is left as it is. */
export async function insertTimeflow({ db }: Catalog, timeflow: { id: string; owner: SnapshotOwner; reason: string }): Promise<void> {
  const { id, owner, reason } = timeflow
  await db.insertInto("timeflows").values({ id, reason, ...ownerColumns(owner) }).onConflict((conflict) => conflict.doNothing()).execute()
}

/** The newest timeflow of a dSource or VDB. */
export async function currentTimeflow({ db }: Catalog, owner: SnapshotOwner): Promise<string | undefined> {
  const row = await db.selectFrom("timeflows").select("id").where(ownerColumn(owner), "=", owner.id).orderBy("created_at", "desc").limit(1).executeTakeFirst()
  return row?.id
}

/** Records a snapshot on its owner's newest timeflow; one already recorded is left as it is. */
export async function insertSnapshot(
  { db, sealer }: Catalog, snapshot: { id: string; owner: SnapshotOwner; timeflowId: string; pool: string; dataset: string; metadata: PluginValue; state: SnapshotState },
): Promise<void> {
  const { id, owner, timeflowId, pool, dataset, metadata, state } = snapshot
  await db
    .insertInto("snapshots")
    .values({ id, timeflow_id: timeflowId, pool, dataset, metadata: JSON.stringify(sealer.seal(metadata, `snapshot/${id}`)), state, ...ownerColumns(owner) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Records that a snapshot was published, with what the plugin adds to its metadata, or why it was not. */
export async function setPublished(catalog: Catalog, id: string, outcome: { image: string; metadata: PluginValue } | { problem: Problem }): Promise<void> {
  const change = "image" in outcome
    ? { state: "published" as const, image: outcome.image, problem: null, metadata: JSON.stringify(catalog.sealer.seal(outcome.metadata, `snapshot/${id}`)) }
    : { state: "publish_failed" as const, problem: JSON.stringify(outcome.problem) }
  await catalog.db.updateTable("snapshots").set(change).where("id", "=", id).execute()
}

export async function deleteSnapshot({ db }: Catalog, id: string): Promise<void> {
  await db.deleteFrom("snapshots").where("id", "=", id).execute()
}

export async function findSnapshot(catalog: Catalog, id: string): Promise<SnapshotRecord | undefined> {
  const row = await catalog.db.selectFrom("snapshots").selectAll().where("id", "=", id).executeTakeFirst()
  return row && snapshotOf(catalog, row)
}

/** The newest snapshot of a dSource or VDB, leaving out those that can't be provisioned. */
export async function latestSnapshot(catalog: Catalog, owner: SnapshotOwner): Promise<SnapshotRecord | undefined> {
  const row = await catalog.db
    .selectFrom("snapshots").selectAll().where(ownerColumn(owner), "=", owner.id).where("state", "<>", "publish_failed")
    .orderBy("taken_at", "desc").orderBy("id", "desc").limit(1).executeTakeFirst()
  return row && snapshotOf(catalog, row)
}

/** The newest usable snapshot taken at or before a moment. */
export async function snapshotAt(catalog: Catalog, owner: SnapshotOwner, moment: Date): Promise<SnapshotRecord | undefined> {
  const row = await catalog.db
    .selectFrom("snapshots").selectAll().where(ownerColumn(owner), "=", owner.id).where("state", "<>", "publish_failed").where("taken_at", "<=", moment)
    .orderBy("taken_at", "desc").orderBy("id", "desc").limit(1).executeTakeFirst()
  return row && snapshotOf(catalog, row)
}

/** Newest first, after the one named `after`. */
export async function listSnapshots(catalog: Catalog, owner: SnapshotOwner | undefined, page: { after?: string | undefined; limit: number }): Promise<SnapshotRecord[]> {
  let query = catalog.db.selectFrom("snapshots").selectAll().orderBy("taken_at", "desc").orderBy("id", "desc").limit(page.limit)
  if (owner) query = query.where(ownerColumn(owner), "=", owner.id)
  if (page.after !== undefined) query = query.where(sql<boolean>`(taken_at, id) < (select taken_at, id from snapshots where id = ${page.after})`)
  return (await query.execute()).map((row) => snapshotOf(catalog, row))
}

/** Names of the VDBs whose content came from a snapshot. */
export async function vdbsFrom({ db }: Catalog, snapshotId: string): Promise<string[]> {
  return (await db.selectFrom("vdbs").select("name").where("snapshot_id", "=", snapshotId).execute()).map((row) => row.name)
}

const ownerColumn = ({ kind }: SnapshotOwner) => (kind === "dsource" ? ("dsource_id" as const) : ("vdb_id" as const))

const ownerColumns = ({ kind, id }: SnapshotOwner) => ({ dsource_id: kind === "dsource" ? id : null, vdb_id: kind === "vdb" ? id : null })

function snapshotOf({ sealer }: Catalog, row: Selectable<Tables["snapshots"]>): SnapshotRecord {
  return {
    id: row.id, timeflowId: row.timeflow_id, pool: row.pool, dataset: row.dataset, image: row.image ?? undefined, state: row.state,
    owner: row.dsource_id === null ? { kind: "vdb", id: row.vdb_id ?? "" } : { kind: "dsource", id: row.dsource_id },
    metadata: sealer.open(row.metadata, `snapshot/${row.id}`), problem: row.problem ?? undefined, takenAt: row.taken_at,
  }
}
