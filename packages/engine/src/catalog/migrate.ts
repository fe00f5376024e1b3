import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import type { Kysely } from "kysely"
import { sql } from "kysely"
import { shipped } from "../shipped.ts"
import type { Tables } from "./schema.ts"

/** Any number that no other program's advisory lock uses: "vnrm" in ASCII. */
const MIGRATION_LOCK = 0x766e726d

/**
 * Brings the catalog's tables up to date: every migration not yet applied, in numeric order, each whole or not at all.
 * Engines that start at once wait for each other.
 */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  const folder = shipped("catalog/migrations")
  const files = (await readdir(folder)).filter((file) => file.endsWith(".sql")).sort()
  await db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(transaction)
    await sql`create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())`.execute(transaction)
    const applied = await sql<{ name: string }>`select name from migrations`.execute(transaction)
    const names = new Set(applied.rows.map((row) => row.name))
    for (const file of files.filter((name) => !names.has(name))) {
      await sql.raw(await readFile(join(folder, file), "utf8")).execute(transaction)
      await sql`insert into migrations (name) values (${file})`.execute(transaction)
    }
  })
}
