import { sql } from "kysely"
import type { MigrationKind } from "@veneer/sdk/migrate"
import type { PluginValue } from "../plugins/port.ts"
import type { Catalog } from "./catalog.ts"

/** One value that the catalog keeps for a plugin. */
export interface StoredValue {
  /** The schema it is of. */
  kind: MigrationKind
  /** What it belongs to. */
  object: { kind: "repository" | "source-config" | "dsource" | "vdb" | "snapshot"; id: string; name: string }
  /** Where the object has it, as the API shows objects. */
  field: "definition" | "parameters" | "sourceConfig" | "metadata"
  value: PluginValue
  /** Among what its identity tells it from others; only repositories and source configs found somewhere have one. */
  scope: string | undefined
}

/** A value to be written back; with the identity and name that the schema derives from it, where it has a scope. */
export type Restored = StoredValue & { identity?: string; name?: string }

/** Where values of one kind are kept. */
interface Shelf {
  kind: MigrationKind
  object: StoredValue["object"]["kind"]
  field: StoredValue["field"]
  table: "repositories" | "source_configs" | "dsources" | "vdbs" | "snapshots"
  column: "definition" | "parameters" | "source_config" | "metadata"
  /** Id, name, value, the place it is sealed for and its scope, of all that is the plugin's. */
  rows: (pluginId: string) => ReturnType<typeof sql>
}

/** Read and written at once. */
const PAGE = 500

const shelves: readonly Shelf[] = [
  {
    kind: "repository", object: "repository", field: "definition", table: "repositories", column: "definition",
    rows: (plugin) => sql`select id, name, definition as value, 'repository/' || environment_id || '/' || plugin_id as place, environment_id as scope from repositories where plugin_id = ${plugin}`,
  },
  {
    kind: "sourceConfig", object: "source-config", field: "definition", table: "source_configs", column: "definition",
    rows: (plugin) => sql`
      select c.id, c.name, c.definition as value, 'source-config/' || repository_id as place, repository_id as scope
      from source_configs c join repositories r on r.id = repository_id where plugin_id = ${plugin}`,
  },
  {
    kind: "linkedSource", object: "dsource", field: "parameters", table: "dsources", column: "parameters",
    rows: (plugin) => sql`select id, name, parameters as value, 'dsource/' || id as place, null as scope from dsources where plugin_id = ${plugin}`,
  },
  {
    kind: "virtualSource", object: "vdb", field: "parameters", table: "vdbs", column: "parameters",
    rows: (plugin) => sql`select id, name, parameters as value, 'vdb/' || id as place, null as scope from vdbs where plugin_id = ${plugin}`,
  },
  {
    kind: "sourceConfig", object: "vdb", field: "sourceConfig", table: "vdbs", column: "source_config",
    rows: (plugin) => sql`select id, name, source_config as value, 'vdb/' || id as place, null as scope from vdbs where plugin_id = ${plugin} and source_config is not null`,
  },
  {
    kind: "snapshot", object: "snapshot", field: "metadata", table: "snapshots", column: "metadata",
    rows: (plugin) => sql`
      select s.id, coalesce(d.name, v.name) || ' at ' || to_char(taken_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as name,
        metadata as value, 'snapshot/' || s.id as place, null as scope
      from snapshots s left join dsources d on d.id = dsource_id left join vdbs v on v.id = vdb_id where coalesce(d.plugin_id, v.plugin_id) = ${plugin}`,
  },
]

/** A page of a plugin's stored values, with what writes some of them back. */
export interface StoredPage {
  values: StoredValue[]
  save: (restored: readonly Restored[]) => Promise<void>
}

/** All that is stored for a plugin, kind by kind, in pages; within a transaction, whose one look at each kind this is. */
export async function* storedValues(catalog: Catalog, pluginId: string): AsyncGenerator<StoredPage> {
  for (const shelf of shelves) {
    await sql`declare stored no scroll cursor for ${shelf.rows(pluginId)} order by id`.execute(catalog.db)
    for (;;) {
      const { rows } = await sql<Row>`fetch ${sql.lit(PAGE)} from stored`.execute(catalog.db)
      if (rows.length === 0) break
      const places = new Map(rows.map(({ id, place }) => [id, place]))
      yield { values: rows.map((row) => valueOf(catalog, shelf, row)), save: (restored) => save(catalog, shelf, restored, places) }
    }
    await sql`close stored`.execute(catalog.db)
  }
}

/** Gives every repository and source config of a plugin an identity that none derived from a schema equals, so that new ones can be written one by one. */
export async function clearIdentities({ db }: Catalog, pluginId: string): Promise<void> {
  await sql`update repositories set identity = id where plugin_id = ${pluginId}`.execute(db)
  await sql`update source_configs set identity = id where repository_id in (select id from repositories where plugin_id = ${pluginId})`.execute(db)
}

interface Row {
  id: string
  name: string
  value: PluginValue
  place: string
  scope: string | null
}

function valueOf({ sealer }: Catalog, { kind, object, field }: Shelf, { id, name, value, place, scope }: Row): StoredValue {
  return { kind, object: { kind: object, id, name }, field, value: sealer.open(value, place), scope: scope ?? undefined }
}

async function save({ db, sealer }: Catalog, { table, column }: Shelf, restored: readonly Restored[], places: ReadonlyMap<string, string>): Promise<void> {
  if (restored.length === 0) return
  const rows = JSON.stringify(restored.map(({ object, value, identity, name }) => ({ id: object.id, value: sealer.seal(value, places.get(object.id) ?? ""), identity, name })))
  const found = restored.some(({ identity }) => identity !== undefined) ? sql`, identity = changed.identity, name = changed.name` : sql``
  await sql`
    update ${sql.table(table)} as stored set ${sql.ref(column)} = changed.value ${found}
    from jsonb_to_recordset(${rows}::jsonb) as changed(id text, value jsonb, identity text, name text) where stored.id = changed.id`.execute(db)
}
