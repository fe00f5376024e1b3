import type { Selectable } from "kysely"
import type { Catalog } from "./catalog.ts"
import { newId } from "./ids.ts"
import type { Tables } from "./schema.ts"

/** A host the engine can run scripts on. */
export interface EnvironmentRecord {
  id: string
  name: string
  kind: "local"
  /** OS user commands run as; undefined is the engine's own. */
  user: string | undefined
  createdAt: Date
  refreshedAt: Date | undefined
}

/** @returns undefined when the name is taken */
export async function insertEnvironment({ db }: Catalog, environment: { name: string; kind: "local"; user?: string | undefined }): Promise<EnvironmentRecord | undefined> {
  const row = await db
    .insertInto("environments")
    .values({ id: newId(), name: environment.name, kind: environment.kind, os_user: environment.user ?? null })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  return row && environmentOf(row)
}

/** By name or id. */
export async function findEnvironment({ db }: Catalog, nameOrId: string): Promise<EnvironmentRecord | undefined> {
  const rows = await db.selectFrom("environments").selectAll().where((where) => where.or([where("id", "=", nameOrId), where("name", "=", nameOrId)])).execute()
  const row = rows.find(({ name }) => name === nameOrId) ?? rows[0]
  return row && environmentOf(row)
}

export async function listEnvironments({ db }: Catalog): Promise<EnvironmentRecord[]> {
  return (await db.selectFrom("environments").selectAll().orderBy("name").execute()).map(environmentOf)
}

export async function deleteEnvironment({ db }: Catalog, id: string): Promise<void> {
  await db.deleteFrom("environments").where("id", "=", id).execute()
}

/** Names of the dSources and VDBs that stand on an environment. */
export async function usersOfEnvironment({ db }: Catalog, id: string): Promise<string[]> {
  const found = db.selectFrom("source_configs").innerJoin("repositories", "repositories.id", "repository_id").select("source_configs.id").where("repositories.environment_id", "=", id)
  const rows = await db
    .selectFrom("dsources").select("name").where((where) => where.or([where("environment_id", "=", id), where("source_config_id", "in", found)]))
    .unionAll(db.selectFrom("vdbs").select("name").where("environment_id", "=", id))
    .execute()
  return rows.map((row) => row.name)
}

function environmentOf(row: Selectable<Tables["environments"]>): EnvironmentRecord {
  return { id: row.id, name: row.name, kind: row.kind, user: row.os_user ?? undefined, createdAt: row.created_at, refreshedAt: row.refreshed_at ?? undefined }
}
