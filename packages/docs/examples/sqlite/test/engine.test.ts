import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { dirname } from "node:path"
import { throwawayEngine, type ThrowawayEngine } from "@veneer/testkit"
import { afterAll, beforeAll, describe, expect, test } from "vitest"

/** What starting and stopping an engine may take. */
const MINUTES = 300_000
const LACKS = spawnSync("sqlite3", ["--version"]).error ? "the program sqlite3 is not installed" : existsSync("/usr/lib/postgresql") ? undefined : "no PostgreSQL for the engine's catalog"

const sqlite = (file: string, sql: string) => execFileSync("sqlite3", [file, sql], { encoding: "utf8" }).trim()

describe.skipIf(LACKS !== undefined)(`from a database to a VDB${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, () => {
  let source = ""
  let engine: ThrowawayEngine

  beforeAll(async () => {
    source = `${mkdtempSync("/tmp/sqlite-")}/shop.db`
    sqlite(source, "create table customer (name text); insert into customer values ('Ada')")
    engine = await throwawayEngine({ plugin: new URL("..", import.meta.url) })
  }, MINUTES)

  afterAll(async () => {
    await engine?.stop()
    rmSync(dirname(source), { recursive: true })
  }, MINUTES)

  const namesIn = async (vdb: string) => {
    const { command = [] } = await engine.client.showVdbAccess({ params: { id: vdb } })
    return sqlite(command[1] ?? "", "select group_concat(name) from customer")
  }

  test("found, linked, provisioned, and queried", async () => {
    const { client } = engine
    const { items } = await client.listSourceConfigs({ query: { limit: 100 } })
    const found = items.find(({ name }) => name === source)
    await engine.succeeded((await client.linkDsource({ body: { name: "shop", source: found?.id ?? "", parameters: {} } })).job)
    await engine.succeeded((await client.provisionVdb({ body: { name: "dev", from: "shop", parameters: {} } })).job)
    expect(await namesIn("dev")).toBe("Ada")
  }, MINUTES)

  test("a refresh brings what a sync has brought, and a rewind what a snapshot kept", async () => {
    const { client } = engine
    sqlite(source, "insert into customer values ('Grace')")
    await engine.succeeded(await client.syncDsource({ params: { id: "shop" }, body: {} }))
    expect(await namesIn("dev")).toBe("Ada")
    await engine.succeeded(await client.refreshVdb({ params: { id: "dev" }, body: {} }))
    expect(await namesIn("dev")).toBe("Ada,Grace")
    await engine.succeeded(await client.snapshotVdb({ params: { id: "dev" } }))
    sqlite((await client.showVdbAccess({ params: { id: "dev" } })).command?.[1] ?? "", "delete from customer")
    expect(await namesIn("dev")).toBe("")
    await engine.succeeded(await client.rewindVdb({ params: { id: "dev" }, body: {} }))
    expect(await namesIn("dev")).toBe("Ada,Grace")
    expect(sqlite(source, "select count(*) from customer")).toBe("2")
  }, MINUTES)

  test("a damaged database is told of, and gives no snapshot", async () => {
    const { client } = engine
    execFileSync("dd", ["if=/dev/urandom", `of=${source}`, "bs=1", "seek=4096", "count=1000", "conv=notrunc", "status=none"])
    const { job } = await engine.finished(await client.syncDsource({ params: { id: "shop" }, body: {} }))
    expect(job.problem).toMatchObject({ code: "database_damaged", message: expect.stringContaining(source) })
  }, MINUTES)
})
