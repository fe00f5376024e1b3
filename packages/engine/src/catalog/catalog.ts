import { Kysely, PostgresDialect, type Transaction } from "kysely"
import { Pool, TypeOverrides, type ClientConfig } from "pg"
import type { Tables } from "./schema.ts"
import type { Sealer } from "./sealer.ts"

const INT8_OID = 20
const CONNECTIONS = 10

/** The catalog: its database, or one transaction of it, and what seals its secrets. */
export interface Catalog {
  readonly db: Kysely<Tables> | Transaction<Tables>
  readonly sealer: Sealer
}

/** How the catalog's PostgreSQL is reached. */
export type CatalogAddress = { url: string } | { socketDirectory: string; port: number; user: string; database: string }

/** A pool of connections to the catalog, and its settings for connections of one's own. */
export interface CatalogConnections {
  config: ClientConfig
  db: Kysely<Tables>
}

export function openCatalogConnections(address: CatalogAddress): CatalogConnections {
  const types = new TypeOverrides()
  types.setTypeParser(INT8_OID, Number)
  const where = "url" in address
    ? { connectionString: address.url }
    : { host: address.socketDirectory, port: address.port, user: address.user, database: address.database }
  const config: ClientConfig = { ...where, types, application_name: "veneer" }
  const pool = new Pool({ ...config, max: CONNECTIONS })
  // A connection that dies while idle is replaced by the pool at the next query, which reports what is wrong.
  pool.on("error", () => undefined)
  return { config, db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }) }
}

/** Runs `work` in one transaction, or in the one that is there: all of its writes, or none. */
export function inTransaction<T>(catalog: Catalog, work: (catalog: Catalog) => Promise<T>): Promise<T> {
  if (catalog.db.isTransaction) return work(catalog)
  return catalog.db.transaction().execute((db) => work({ ...catalog, db }))
}
