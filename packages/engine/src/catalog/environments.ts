import type { Selectable } from "kysely"
import type { HostSettings, SshSettings } from "../environments/port.ts"
import type { Catalog } from "./catalog.ts"
import { newId } from "./ids.ts"
import type { Tables } from "./schema.ts"
import type { Sealer } from "./sealer.ts"

/** A host the engine can run scripts on. */
export type EnvironmentRecord = HostSettings & { id: string; createdAt: Date; refreshedAt: Date | undefined }

/** @returns undefined when the name is taken */
export async function insertEnvironment({ db, sealer }: Catalog, settings: HostSettings & { id?: string }): Promise<EnvironmentRecord | undefined> {
  const { id = newId(), name, kind, user } = settings
  const ssh = settings.kind === "ssh" ? sealedSsh(sealer, id, settings.ssh) : null
  const row = await db
    .insertInto("environments")
    .values({ id, name, kind, os_user: user ?? null, ssh })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .returningAll()
    .executeTakeFirst()
  return row && environmentOf(sealer, row)
}

/** Changes how a host is reached. */
export async function updateSsh({ db, sealer }: Catalog, id: string, ssh: SshSettings): Promise<void> {
  await db.updateTable("environments").set({ ssh: sealedSsh(sealer, id, ssh) }).where("id", "=", id).where("kind", "=", "ssh").execute()
}

/** By name or id. */
export async function findEnvironment({ db, sealer }: Catalog, nameOrId: string): Promise<EnvironmentRecord | undefined> {
  const rows = await db.selectFrom("environments").selectAll().where((where) => where.or([where("id", "=", nameOrId), where("name", "=", nameOrId)])).execute()
  const row = rows.find(({ name }) => name === nameOrId) ?? rows[0]
  return row && environmentOf(sealer, row)
}

export async function listEnvironments({ db, sealer }: Catalog): Promise<EnvironmentRecord[]> {
  return (await db.selectFrom("environments").selectAll().orderBy("name").execute()).map((row) => environmentOf(sealer, row))
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

const placeOf = (id: string) => `environment/${id}`

const sealedSsh = (sealer: Sealer, id: string, ssh: SshSettings): string => JSON.stringify(sealer.seal(ssh, placeOf(id)))

function environmentOf(sealer: Sealer, { id, name, os_user, ssh, created_at, refreshed_at }: Selectable<Tables["environments"]>): EnvironmentRecord {
  const common = { id, name, user: os_user ?? undefined, createdAt: created_at, refreshedAt: refreshed_at ?? undefined }
  return ssh === null ? { ...common, kind: "local" } : { ...common, kind: "ssh", ssh: sealer.open(ssh, placeOf(id)) }
}
