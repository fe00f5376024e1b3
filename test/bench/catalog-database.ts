import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { execa } from "execa"
import { Client, type QueryResultRow } from "pg"
import type { Bench } from "./bench.ts"

/** The engine's own catalog, over its socket and without the engine. */
export interface CatalogDatabase {
  query<T extends QueryResultRow>(sql: string, values?: unknown[]): Promise<T[]>
  /** Up to where its WAL is on disk. */
  position(): Promise<string>
  /** Transactions that wrote, between two positions. */
  commits(from: string, to: string): Promise<number>
  close(): Promise<void>
}

/** Connects as the engine does: same OS user, same role. */
export async function openCatalog({ home, bin }: Pick<Bench, "home" | "bin">): Promise<CatalogDatabase> {
  const inside = join(home.dataDir, "catalog/socket")
  const host = existsSync(join(inside, ".s.PGSQL.5432")) ? inside : `/tmp/veneer-catalog-${(await readFile(join(home.dataDir, "engine-id"), "utf8")).trim()}`
  const client = new Client({ host, port: 5432, user: "veneer", database: "postgres" })
  client.on("error", () => undefined)
  await client.connect()
  const query = async <T extends QueryResultRow>(sql: string, values: unknown[] = []) => (await client.query<T>(sql, values)).rows
  return {
    query,
    position: async () => (await query<{ position: string }>("select pg_current_wal_flush_lsn() as position"))[0]?.position ?? "",
    commits: async (from, to) => {
      if (from === to) return 0
      const { stdout } = await execa(join(bin, "pg_waldump"), ["--path", join(home.dataDir, "catalog/data/pg_wal"), "--start", from, "--end", to, "--rmgr", "Transaction"])
      return stdout.split("\n").filter((line) => line.includes("desc: COMMIT")).length
    },
    close: async () => client.end(),
  }
}
