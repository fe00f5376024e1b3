import type { InstalledPlugin } from "../plugins/port.ts"
import type { Catalog } from "./catalog.ts"

/** An uploaded plugin as the catalog keeps it. */
export interface PluginRecord extends InstalledPlugin {
  uploadedAt: Date
}

export async function savePlugin({ db }: Catalog, { manifest, artifact }: InstalledPlugin): Promise<void> {
  await db
    .insertInto("plugins")
    .values({ id: manifest.id, manifest: JSON.stringify(manifest), artifact })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ manifest: JSON.stringify(manifest), artifact, uploaded_at: new Date() }))
    .execute()
}

export async function listPlugins({ db }: Catalog): Promise<PluginRecord[]> {
  const rows = await db.selectFrom("plugins").selectAll().orderBy("id").execute()
  return rows.map((row) => ({ manifest: row.manifest, artifact: row.artifact, uploadedAt: row.uploaded_at }))
}

export async function findPlugin({ db }: Catalog, id: string): Promise<PluginRecord | undefined> {
  const row = await db.selectFrom("plugins").selectAll().where("id", "=", id).executeTakeFirst()
  return row && { manifest: row.manifest, artifact: row.artifact, uploadedAt: row.uploaded_at }
}

/**
 * The plugin that is installed, held for this transaction: nothing of it is added or removed, and it isn't replaced, until
 * that ends. Its dSources and VDBs are held as well: whoever writes to one may then want to claim a job, which is to come
 * before this transaction keeps jobs from being claimed.
 */
export async function lockPlugin({ db }: Catalog, id: string): Promise<PluginRecord | undefined> {
  const row = await db.selectFrom("plugins").selectAll().where("id", "=", id).forUpdate().executeTakeFirst()
  for (const table of ["dsources", "vdbs"] as const) await db.selectFrom(table).select("id").where("plugin_id", "=", id).orderBy("id").forNoKeyUpdate().execute()
  return row && { manifest: row.manifest, artifact: row.artifact, uploadedAt: row.uploaded_at }
}

/** Sees that a plugin still is the artifact that took a value, and keeps it that until the transaction that stores the value ends. */
export async function holdPlugin({ db }: Catalog, { pluginId, artifact }: { pluginId: string; artifact: string }): Promise<boolean> {
  const row = await db.selectFrom("plugins").select("artifact").where("id", "=", pluginId).forShare().executeTakeFirst()
  return row?.artifact === artifact
}

/** Forgets a plugin and what discovery found with it. Fails by foreign key while a dSource or VDB is of it. */
export async function deletePlugin({ db }: Catalog, id: string): Promise<void> {
  await db.deleteFrom("repositories").where("plugin_id", "=", id).execute()
  await db.deleteFrom("plugins").where("id", "=", id).execute()
}

/** Names of the dSources and VDBs of a plugin. */
export async function usersOfPlugin({ db }: Catalog, id: string): Promise<string[]> {
  const rows = await db
    .selectFrom("dsources").select("name").where("plugin_id", "=", id)
    .unionAll(db.selectFrom("vdbs").select("name").where("plugin_id", "=", id))
    .execute()
  return rows.map((row) => row.name)
}
