import { sql, type Selectable } from "kysely"
import type { PluginValue } from "../plugins/port.ts"
import { inTransaction, type Catalog } from "./catalog.ts"
import type { SeenHealth } from "./observed.ts"
import type { Hooks, Tables, VdbState } from "./schema.ts"
import { sourcesOf, type Transitions } from "./transitions.ts"

/** A running, writable clone. */
export interface VdbRecord {
  id: string
  name: string
  pluginId: string
  repositoryId: string
  environmentId: string
  pool: string
  parameters: PluginValue
  hooks: Hooks
  state: VdbState
  /** Rises with each refresh and rewind; the live dataset is named by it. */
  generation: number
  /** What its content came from; undefined for one that began empty. */
  snapshotId: string | undefined
  /** What `configure` returned; undefined until it has. */
  sourceConfig: PluginValue | undefined
  sizeBytes: number | undefined
  /** As last seen in this state; undefined until somebody has looked. */
  health: SeenHealth | undefined
  createdAt: Date
}

export type NewVdb = Omit<VdbRecord, "state" | "generation" | "sourceConfig" | "sizeBytes" | "health" | "createdAt">

/** The allowed changes of a VDB's state; staying is one, since a repeated step writes the same again. */
const transitions: Transitions<VdbState> = {
  creating: ["creating", "active", "deleting"],
  active: ["active", "inactive", "disabled", "deleting"],
  inactive: ["inactive", "active", "disabled", "deleting"],
  disabled: ["disabled", "active", "inactive", "deleting"],
  deleting: ["deleting"],
}

/** What a workflow may change of a VDB along with its state. */
export interface VdbChange {
  state: VdbState
  sourceConfig?: PluginValue
  generation?: number
  snapshotId?: string
}

/** Writes a VDB with its first timeflow. @returns undefined when the name is taken */
export async function insertVdb(catalog: Catalog, vdb: NewVdb, reason: "provision" | "create"): Promise<VdbRecord | undefined> {
  const row = await catalog.db
    .with("made", (db) => db
      .insertInto("vdbs")
      .values({
        id: vdb.id, name: vdb.name, plugin_id: vdb.pluginId, repository_id: vdb.repositoryId, environment_id: vdb.environmentId, pool: vdb.pool,
        parameters: JSON.stringify(catalog.sealer.seal(vdb.parameters, `vdb/${vdb.id}`)), hooks: JSON.stringify(vdb.hooks), state: "creating", snapshot_id: vdb.snapshotId ?? null,
      })
      .onConflict((conflict) => conflict.column("name").doNothing())
      .returningAll())
    .with("begun", (db) => db
      .insertInto("timeflows")
      .columns(["id", "reason", "vdb_id"])
      .expression(db.selectFrom("made").select(["made.id", sql<string>`${reason}`.as("reason"), "made.id as vdb_id"])))
    .selectFrom("made")
    .selectAll()
    .executeTakeFirst()
  return row && vdbOf(catalog, row)
}

/** Changes a VDB where the table of transitions allows its new state. @returns whether it did */
export async function changeVdb({ db, sealer }: Catalog, id: string, { state, sourceConfig, generation, snapshotId }: VdbChange): Promise<boolean> {
  const changed = await db
    .updateTable("vdbs")
    .set({
      state,
      ...(sourceConfig && { source_config: JSON.stringify(sealer.seal(sourceConfig, `vdb/${id}`)) }),
      ...(generation !== undefined && { generation }),
      ...(snapshotId !== undefined && { snapshot_id: snapshotId }),
    })
    .where("id", "=", id)
    .where("state", "in", sourcesOf(transitions, state))
    .executeTakeFirst()
  return changed.numUpdatedRows > 0n
}

/** Removes the object with its timeflows, snapshots and ports. */
export function deleteVdb(catalog: Catalog, id: string): Promise<void> {
  return inTransaction(catalog, async (within) => {
    await within.db.deleteFrom("ports").where("owner", "=", `vdb/${id}`).execute()
    // A rewound VDB's parent may be a snapshot of its own, which goes with it.
    await within.db.updateTable("vdbs").set({ snapshot_id: null }).where("id", "=", id).execute()
    await within.db.deleteFrom("vdbs").where("id", "=", id).execute()
  })
}

/** By name or id. */
export async function findVdb(catalog: Catalog, nameOrId: string): Promise<VdbRecord | undefined> {
  const rows = await catalog.db.selectFrom("vdbs").selectAll().where((where) => where.or([where("id", "=", nameOrId), where("name", "=", nameOrId)])).execute()
  const row = rows.find(({ name }) => name === nameOrId) ?? rows[0]
  return row && vdbOf(catalog, row)
}

/** By name, after the one named `after`. */
export async function listVdbs(catalog: Catalog, page: { after?: string | undefined; limit: number }): Promise<VdbRecord[]> {
  let query = catalog.db.selectFrom("vdbs").selectAll().orderBy("name").limit(page.limit)
  if (page.after !== undefined) query = query.where("name", ">", sql<string>`(select name from vdbs where id = ${page.after})`)
  return (await query.execute()).map((row) => vdbOf(catalog, row))
}

/** VDBs whose content came from a dSource's or another VDB's snapshots. */
export async function childrenOf({ db }: Catalog, parent: { dsourceId: string } | { vdbId: string }): Promise<{ id: string; name: string }[]> {
  const query = db.selectFrom("vdbs").innerJoin("snapshots", "snapshots.id", "vdbs.snapshot_id").select(["vdbs.id", "vdbs.name"])
  const rows = "dsourceId" in parent ? query.where("snapshots.dsource_id", "=", parent.dsourceId) : query.where("snapshots.vdb_id", "=", parent.vdbId).where("vdbs.id", "<>", parent.vdbId)
  return rows.execute()
}

function vdbOf({ sealer }: Catalog, row: Selectable<Tables["vdbs"]>): VdbRecord {
  return {
    id: row.id, name: row.name, pluginId: row.plugin_id, repositoryId: row.repository_id, environmentId: row.environment_id, pool: row.pool,
    parameters: sealer.open(row.parameters, `vdb/${row.id}`), hooks: row.hooks, state: row.state, generation: row.generation,
    snapshotId: row.snapshot_id ?? undefined,
    sourceConfig: row.source_config === null ? undefined : sealer.open(row.source_config, `vdb/${row.id}`),
    sizeBytes: row.size_bytes ?? undefined, health: row.health === null ? undefined : { ...row.health, checkedAt: row.health_at }, createdAt: row.created_at,
  }
}
