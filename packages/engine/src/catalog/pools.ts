import type { PoolSettings } from "../storage/port.ts"
import type { Catalog } from "./catalog.ts"

/** A pool as the catalog keeps it. */
export interface PoolRecord {
  name: string
  settings: PoolSettings
  createdAt: Date
}

/** @returns whether the name was free */
export async function insertPool({ db }: Catalog, name: string, settings: PoolSettings): Promise<boolean> {
  const inserted = await db.insertInto("pools").values({ name, settings: JSON.stringify(settings) }).onConflict((conflict) => conflict.doNothing()).executeTakeFirst()
  return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export async function deletePool({ db }: Catalog, name: string): Promise<void> {
  await db.deleteFrom("pools").where("name", "=", name).execute()
}

export async function listPools({ db }: Catalog): Promise<PoolRecord[]> {
  const rows = await db.selectFrom("pools").selectAll().orderBy("created_at").execute()
  return rows.map((row) => ({ name: row.name, settings: row.settings, createdAt: row.created_at }))
}
