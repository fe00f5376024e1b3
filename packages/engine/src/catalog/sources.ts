import { sql } from "kysely"
import type { PluginValue } from "../plugins/port.ts"
import { inTransaction, type Catalog } from "./catalog.ts"
import { newId } from "./ids.ts"

/** Software found on an environment. */
export interface RepositoryRecord {
  id: string
  environmentId: string
  pluginId: string
  name: string
  definition: PluginValue
  /** Since when discovery no longer finds it. */
  vanishedAt: Date | undefined
}

/** One body of data a repository serves. */
export interface SourceConfigRecord {
  id: string
  repositoryId: string
  environmentId: string
  pluginId: string
  name: string
  definition: PluginValue
  vanishedAt: Date | undefined
  /** Entered by a person. */
  manual: boolean
}

/** What discovery found: each repository with what it serves. `identity` is canonical text of the identity fields. */
export interface Found {
  identity: string
  name: string
  definition: PluginValue
}
export interface FoundRepository extends Found {
  sourceConfigs: readonly Found[]
}

/**
 * Brings what the catalog knows of one environment and plugin in line with what was found: the same identity keeps its
 * id, what is gone is marked and, unless a dSource or VDB uses it, forgotten. What a person entered stays as it is.
 */
export function saveDiscovery(catalog: Catalog, environmentId: string, pluginId: string, found: readonly FoundRepository[]): Promise<void> {
  return inTransaction(catalog, async (within) => {
    const { db, sealer } = within
    const ofEnvironment = db.selectFrom("repositories").select("id").where("environment_id", "=", environmentId).where("plugin_id", "=", pluginId)
    await db.updateTable("source_configs").set({ vanished_at: sql`coalesce(vanished_at, now())` }).where("repository_id", "in", ofEnvironment).where("manual", "=", false).execute()
    await db.updateTable("repositories").set({ vanished_at: sql`coalesce(vanished_at, now())` }).where("id", "in", ofEnvironment).execute()
    for (const repository of found) {
      const place = `repository/${environmentId}/${pluginId}`
      const definition = JSON.stringify(sealer.seal(repository.definition, place))
      const { id } = await db
        .insertInto("repositories")
        .values({ id: newId(), environment_id: environmentId, plugin_id: pluginId, identity: repository.identity, name: repository.name, definition })
        .onConflict((conflict) => conflict.columns(["environment_id", "plugin_id", "identity"]).doUpdateSet({ name: repository.name, definition, vanished_at: null }))
        .returning("id")
        .executeTakeFirstOrThrow()
      for (const config of repository.sourceConfigs) {
        const definition = JSON.stringify(sealer.seal(config.definition, `source-config/${id}`))
        await db
          .insertInto("source_configs")
          .values({ id: newId(), repository_id: id, identity: config.identity, name: config.name, definition })
          .onConflict((conflict) => conflict.columns(["repository_id", "identity"]).doUpdateSet({ name: config.name, definition, vanished_at: null }).where("source_configs.manual", "=", false))
          .execute()
      }
    }
    await db.deleteFrom("source_configs").where("vanished_at", "is not", null).where("repository_id", "in", ofEnvironment)
      .where("id", "not in", db.selectFrom("dsources").select("source_config_id")).execute()
    await db.deleteFrom("repositories").where("vanished_at", "is not", null).where("id", "in", ofEnvironment)
      .where("id", "not in", db.selectFrom("source_configs").select("repository_id")).where("id", "not in", db.selectFrom("vdbs").select("repository_id")).execute()
    await db.updateTable("environments").set({ refreshed_at: new Date() }).where("id", "=", environmentId).execute()
  })
}

/** Writes a source config that a person entered. @returns undefined when its repository has one of that identity */
export async function insertSourceConfig({ db, sealer }: Catalog, repositoryId: string, { identity, name, definition }: Found): Promise<string | undefined> {
  const row = await db
    .insertInto("source_configs")
    .values({ id: newId(), repository_id: repositoryId, identity, name, definition: JSON.stringify(sealer.seal(definition, `source-config/${repositoryId}`)), manual: true })
    .onConflict((conflict) => conflict.columns(["repository_id", "identity"]).doNothing())
    .returning("id")
    .executeTakeFirst()
  return row?.id
}

/** Forgets a source config that a person entered. @returns whether no dSource uses it */
export async function deleteSourceConfig({ db }: Catalog, id: string): Promise<boolean> {
  const deleted = await db.deleteFrom("source_configs").where("id", "=", id).where("manual", "=", true)
    .where("id", "not in", db.selectFrom("dsources").select("source_config_id")).executeTakeFirst()
  return deleted.numDeletedRows > 0n
}

/** Which repositories or source configs a listing shows. */
export interface SourceFilter {
  environmentId?: string | undefined
  pluginId?: string | undefined
}

export async function listRepositories(catalog: Catalog, filter: SourceFilter & { id?: string | undefined }): Promise<RepositoryRecord[]> {
  let query = catalog.db.selectFrom("repositories").selectAll().orderBy("name")
  if (filter.environmentId) query = query.where("environment_id", "=", filter.environmentId)
  if (filter.pluginId) query = query.where("plugin_id", "=", filter.pluginId)
  if (filter.id) query = query.where("id", "=", filter.id)
  return (await query.execute()).map((row) => ({
    id: row.id, environmentId: row.environment_id, pluginId: row.plugin_id, name: row.name, vanishedAt: row.vanished_at ?? undefined,
    definition: catalog.sealer.open(row.definition, `repository/${row.environment_id}/${row.plugin_id}`),
  }))
}

export async function listSourceConfigs(catalog: Catalog, filter: SourceFilter & { id?: string | undefined; nameOrId?: string | undefined }): Promise<SourceConfigRecord[]> {
  let query = catalog.db
    .selectFrom("source_configs").innerJoin("repositories", "repositories.id", "repository_id")
    .selectAll("source_configs").select(["environment_id", "plugin_id"]).orderBy("source_configs.name")
  if (filter.environmentId) query = query.where("environment_id", "=", filter.environmentId)
  if (filter.pluginId) query = query.where("plugin_id", "=", filter.pluginId)
  const { id, nameOrId } = filter
  if (id) query = query.where("source_configs.id", "=", id)
  if (nameOrId) query = query.where((where) => where.or([where("source_configs.id", "=", nameOrId), where("source_configs.name", "=", nameOrId)]))
  return (await query.execute()).map((row) => ({
    id: row.id, repositoryId: row.repository_id, environmentId: row.environment_id, pluginId: row.plugin_id, name: row.name,
    manual: row.manual, vanishedAt: row.vanished_at ?? undefined, definition: catalog.sealer.open(row.definition, `source-config/${row.repository_id}`),
  }))
}
