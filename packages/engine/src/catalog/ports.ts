import type { Catalog } from "./catalog.ts"

/** A port promised to a dSource or VDB. */
export interface PortRecord {
  environmentId: string
  port: number
  /** `dsource/<id>` or `vdb/<id>`. */
  owner: string
  label: string
}

/** Takes a port nobody else was promised. @returns whether it could be had */
export async function insertPort({ db }: Catalog, { environmentId, port, owner, label }: PortRecord): Promise<boolean> {
  const row = await db
    .insertInto("ports").values({ environment_id: environmentId, port, owner, label })
    .onConflict((conflict) => conflict.doNothing()).returning("port").executeTakeFirst()
  return row !== undefined
}

export async function listPorts({ db }: Catalog, environmentId?: string): Promise<PortRecord[]> {
  let query = db.selectFrom("ports").selectAll().orderBy("port")
  if (environmentId !== undefined) query = query.where("environment_id", "=", environmentId)
  return (await query.execute()).map((row) => ({ environmentId: row.environment_id, port: row.port, owner: row.owner, label: row.label }))
}

export async function releasePorts({ db }: Catalog, owner: string): Promise<void> {
  await db.deleteFrom("ports").where("owner", "=", owner).execute()
}
