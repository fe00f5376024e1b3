import { execFileSync, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { localHost, pluginSuite } from "@veneer/testkit"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import plugin from "../src/index.ts"

const sqlite = (file: string, sql: string) => execFileSync("sqlite3", [file, sql], { encoding: "utf8" }).trim()

// oxlint-disable-next-line vitest/no-conditional-tests -- a suite skips nothing by itself
if (spawnSync("sqlite3", ["--version"]).error) {
  // oxlint-disable-next-line vitest/no-disabled-tests -- it says why
  test.skip("plugin: sqlite (skipped: the program sqlite3 is not installed)", () => {})
} else {
  const folder = mkdtempSync("/tmp/sqlite-")
  const source = `${folder}/shop's.db`
  sqlite(source, "pragma journal_mode = wal; create table customer (name text); insert into customer values ('Ada'), ('Grace')")
  // Somebody works with it all the while. When nobody does, even who only reads a database in WAL mode makes SQLite's two files beside it.
  const user = spawn("sqlite3", [source], { stdio: ["pipe", "ignore", "inherit"] })
  user.stdin.write("insert into customer values ('Nobody'); delete from customer where name = 'Nobody';\n")
  beforeAll(() => vi.waitUntil(() => existsSync(`${source}-wal`), { timeout: 60_000 }))
  afterAll(async () => {
    user.stdin.end()
    await once(user, "exit")
    rmSync(folder, { recursive: true })
  })

  const names = ({ sourceConfig }: { sourceConfig: { file: string } }) => expect(sqlite(sourceConfig.file, "select name from customer")).toBe("Ada\nGrace")

  pluginSuite(plugin, {
    host: localHost(),
    scripts: new URL("../scripts", import.meta.url),
    source: { sourceConfig: ({ file }) => file === source },
    watch: [folder],
    verify: {
      afterLink: ({ snapshot }) => expect(snapshot).toEqual({ tables: 1, bytes: 8192 }),
      afterProvision: names,
      afterRewind: names,
      afterRefresh: names,
    },
  })
}
