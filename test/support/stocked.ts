import { Secret } from "@veneer/sdk"
import { sql } from "kysely"
import type { Catalog } from "../../packages/engine/src/catalog/catalog.ts"
import { insertDsource } from "../../packages/engine/src/catalog/dsources.ts"
import { insertEnvironment } from "../../packages/engine/src/catalog/environments.ts"
import { insertPool } from "../../packages/engine/src/catalog/pools.ts"
import { insertSnapshot, insertTimeflow } from "../../packages/engine/src/catalog/snapshots.ts"
import { listRepositories, listSourceConfigs, saveDiscovery } from "../../packages/engine/src/catalog/sources.ts"
import { changeVdb, insertVdb } from "../../packages/engine/src/catalog/vdbs.ts"
import type { PluginValue } from "../../packages/engine/src/plugins/port.ts"

/** A secret that may show up nowhere. */
export const PLANTED = "pl4nted-s3cret"

/** What the first build of the growing plugin stores. */
export interface Stock {
  repositories: PluginValue[]
  sourceConfigs: PluginValue[]
  dsource: PluginValue
  vdbs: Record<string, PluginValue>
  vdbConfig: PluginValue
  snapshots: PluginValue[]
}

export const STOCK: Stock = {
  repositories: [{ path: "/usr/bin/4" }],
  sourceConfigs: [{ name: "main", port: "5432", password: new Secret(PLANTED) }],
  dsource: { address: "db", password: new Secret(PLANTED) },
  vdbs: { dev: { port: "6000", password: new Secret(PLANTED) }, qa: { port: "6001" } },
  vdbConfig: { name: "main", port: "6000", password: new Secret(PLANTED) },
  snapshots: [{ taken: "first", token: new Secret(PLANTED) }, { taken: "second" }],
}

/** Empties a catalog and stores objects of an installed plugin in it: dSource "sales", VDBs by name, snapshots s00, s01, … of the dSource. */
export async function stock(catalog: Catalog, pluginId: string, { repositories, sourceConfigs, dsource, vdbs, vdbConfig, snapshots }: Stock = STOCK): Promise<void> {
  await insertPool(catalog, "default", { driver: "copy", sizeBytes: 1024 ** 3 })
  const environment = await insertEnvironment(catalog, { name: "here", kind: "local" })
  if (!environment) throw new Error("the catalog was not empty")
  const found = (definition: PluginValue, field: string) => ({ identity: JSON.stringify([definition[field]]), name: String(definition[field]), definition })
  const configs = sourceConfigs.map((config) => found(config, "name"))
  await saveDiscovery(catalog, environment.id, pluginId, repositories.map((repository, index) => ({ ...found(repository, "path"), sourceConfigs: index === 0 ? configs : [] })))
  const [repository] = await listRepositories(catalog, {})
  const [source] = await listSourceConfigs(catalog, {})
  if (!repository || !source) throw new Error("nothing was found")
  const common = { pluginId, environmentId: environment.id, pool: "default", hooks: {} }
  await insertDsource(catalog, { ...common, id: "d1", name: "sales", sourceConfigId: source.id, parameters: dsource })
  await insertTimeflow(catalog, { id: "d1", owner: { kind: "dsource", id: "d1" }, reason: "link" })
  for (const [index, metadata] of snapshots.entries()) {
    await insertSnapshot(catalog, { id: `s${String(index).padStart(2, "0")}`, owner: { kind: "dsource", id: "d1" }, timeflowId: "d1", pool: "default", dataset: `x/${index}`, metadata, state: "taken" })
  }
  for (const [name, parameters] of Object.entries(vdbs)) await insertVdb(catalog, { ...common, id: `v-${name}`, name, repositoryId: repository.id, snapshotId: undefined, parameters }, "create")
  await changeVdb(catalog, "v-dev", { state: "active", sourceConfig: vdbConfig })
}

/** Everything a catalog holds, as text: secrets as they are sealed. */
export async function dump({ db }: Catalog): Promise<string> {
  const tables = ["plugins", "repositories", "source_configs", "dsources", "vdbs", "snapshots"]
  const rows = await Promise.all(tables.map(async (table) => (await sql<{ row: string }>`select row_to_json(t)::text as row from ${sql.table(table)} t order by 1`.execute(db)).rows.map(({ row }) => `${table} ${row}`)))
  return rows.flat().join("\n")
}

export async function empty({ db }: Catalog): Promise<void> {
  await sql`truncate plugins, pools, environments, jobs, events, timeflows, snapshots cascade`.execute(db)
}
