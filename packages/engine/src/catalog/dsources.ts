import { sql, type Selectable } from "kysely"
import type { PluginValue } from "../plugins/port.ts"
import { inTransaction, type Catalog } from "./catalog.ts"
import type { SeenHealth } from "./observed.ts"
import type { DsourceState, Hooks, Tables } from "./schema.ts"
import { sourcesOf, type Transitions } from "./transitions.ts"

/** An ingested copy of a source config. */
export interface DsourceRecord {
  id: string
  name: string
  pluginId: string
  sourceConfigId: string
  /** The staging environment; for a direct plugin the source's own. */
  environmentId: string
  pool: string
  parameters: PluginValue
  hooks: Hooks
  state: DsourceState
  sizeBytes: number | undefined
  /** As last seen in this state; undefined until somebody has looked. */
  health: SeenHealth | undefined
  createdAt: Date
}

export type NewDsource = Omit<DsourceRecord, "state" | "sizeBytes" | "health" | "createdAt">

/** The allowed changes of a dSource's state; staying is one, since a repeated step writes the same again. */
const transitions: Transitions<DsourceState> = {
  linking: ["linking", "active", "deleting"],
  active: ["active", "disabled", "deleting"],
  disabled: ["disabled", "active", "deleting"],
  deleting: ["deleting"],
}

/** @returns whether the name was free */
export async function insertDsource(catalog: Catalog, dsource: NewDsource): Promise<boolean> {
  const inserted = await catalog.db
    .insertInto("dsources")
    .values({
      id: dsource.id, name: dsource.name, plugin_id: dsource.pluginId, source_config_id: dsource.sourceConfigId, environment_id: dsource.environmentId,
      pool: dsource.pool, parameters: JSON.stringify(catalog.sealer.seal(dsource.parameters, `dsource/${dsource.id}`)), hooks: JSON.stringify(dsource.hooks), state: "linking",
    })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .executeTakeFirst()
  return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Changes a dSource's state where the table of transitions allows it. @returns whether it did */
export async function moveDsource({ db }: Catalog, id: string, to: DsourceState): Promise<boolean> {
  const moved = await db.updateTable("dsources").set({ state: to }).where("id", "=", id).where("state", "in", sourcesOf(transitions, to)).executeTakeFirst()
  return moved.numUpdatedRows > 0n
}

/** Removes the object with its timeflows, snapshots and ports. */
export function deleteDsource(catalog: Catalog, id: string): Promise<void> {
  return inTransaction(catalog, async (within) => {
    await within.db.deleteFrom("ports").where("owner", "=", `dsource/${id}`).execute()
    await within.db.deleteFrom("dsources").where("id", "=", id).execute()
  })
}

/** By name or id. */
export async function findDsource(catalog: Catalog, nameOrId: string): Promise<DsourceRecord | undefined> {
  const rows = await catalog.db.selectFrom("dsources").selectAll().where((where) => where.or([where("id", "=", nameOrId), where("name", "=", nameOrId)])).execute()
  const row = rows.find(({ name }) => name === nameOrId) ?? rows[0]
  return row && dsourceOf(catalog, row)
}

/** By name, after the one named `after`. */
export async function listDsources(catalog: Catalog, page: { after?: string | undefined; limit: number }): Promise<DsourceRecord[]> {
  let query = catalog.db.selectFrom("dsources").selectAll().orderBy("name").limit(page.limit)
  if (page.after !== undefined) query = query.where("name", ">", sql<string>`(select name from dsources where id = ${page.after})`)
  return (await query.execute()).map((row) => dsourceOf(catalog, row))
}

function dsourceOf({ sealer }: Catalog, row: Selectable<Tables["dsources"]>): DsourceRecord {
  return {
    id: row.id, name: row.name, pluginId: row.plugin_id, sourceConfigId: row.source_config_id, environmentId: row.environment_id, pool: row.pool,
    parameters: sealer.open(row.parameters, `dsource/${row.id}`), hooks: row.hooks, state: row.state,
    sizeBytes: row.size_bytes ?? undefined, health: row.health === null ? undefined : { ...row.health, checkedAt: row.health_at }, createdAt: row.created_at,
  }
}
