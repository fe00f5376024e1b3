import { Secret } from "@veneer/sdk"
import { sqlIdentifier, sqlLiteral } from "./quote.ts"
import type { SourceConfig } from "./schemas.ts"

/** Options of our own session: what the source set for its roles and databases must not keep us from our work. */
export function sessionOptions(major: number): string {
  const settings = [
    "default_transaction_read_only=off", "standard_conforming_strings=on", "statement_timeout=0", "lock_timeout=0", "search_path=pg_catalog",
    "log_statement=none", "synchronous_commit=off", "log_min_duration_statement=-1", "log_min_messages=fatal", "client_encoding=utf8", ...(major >= 17 ? ["event_triggers=off"] : []),
  ]
  return settings.map(setting => `-c ${setting}`).join(" ")
}

/**
 * SQL for psql: the role to connect with, made or altered, and the subscriptions that are not to stay cut. A secret because
 * of the verifier. Making the role is tried rather than asked about: a query has the cold catalogs read that planning needs.
 */
export function roleSql(user: string, verifier: string, subscriptions: NonNullable<SourceConfig["subscriptions"]>): Secret {
  const role = `${sqlIdentifier(user)} LOGIN SUPERUSER PASSWORD ${sqlLiteral(verifier)};`
  return new Secret([
    "\\set ON_ERROR_STOP 0", `CREATE ROLE ${role}`, "\\set ON_ERROR_STOP 1",
    "\\if :ERROR", `ALTER ROLE ${role}`, "\\endif",
    ...subscriptions.map(({ name, database, slot, enabled }) =>
      `UPDATE pg_subscription SET subenabled = ${String(enabled)}, subslotname = ${slot === undefined || slot === "" ? "NULL" : sqlLiteral(slot)} FROM pg_database d WHERE d.oid = subdbid AND subname = ${sqlLiteral(name)} AND datname = ${sqlLiteral(database)};`),
    "",
  ].join("\n"))
}
