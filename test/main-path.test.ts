import { execFileSync } from "node:child_process"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createEngineHome, succeeded, type EngineHome, type EngineProcess } from "./support/engine.ts"
import { link, prepare, provision, urlOf } from "./support/estate.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"
import { asOwner, BIN, LACKS, queryUrl, startServer, type Server } from "./support/server.ts"

/** pgbench's scale: 100,000 accounts, 15 MB, each. */
const SCALE = Number(process.env["VENEER_TEST_SCALE"] ?? 100)
const SUMS = `select (select sum(abalance) from pgbench_accounts)::text as accounts, (select sum(tbalance) from pgbench_tellers)::text as tellers,
  (select sum(bbalance) from pgbench_branches)::text as branches, (select coalesce(sum(delta), 0) from pgbench_history)::text as history`
const DIGEST = "select md5(string_agg(t::text, '|' order by aid)) as digest from pgbench_accounts t where aid <= 200000"

describe.skipIf(LACKS !== undefined)(`the main path on pgbench scale ${SCALE} under load${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, () => {
  let sandbox: Sandbox
  let server: Server
  let home: EngineHome
  let engine: EngineProcess
  let load: ReturnType<Server["pgbench"]>

  beforeAll(async () => {
    sandbox = await createSandbox("main-path")
    server = await startServer(sandbox, { max_wal_size: "4GB" })
    await server.query("create database pgbench")
    await server.pgbench("--initialize", "--quiet", "--scale", String(SCALE), "pgbench")
    load = server.pgbench("--client", "2", "--rate", "100", "--time", "1800", "--no-vacuum", "pgbench")
    load.catch(() => undefined)
    sandbox.defer(async () => load.kill("SIGINT"))
    home = createEngineHome(sandbox)
    engine = await home.start()
    await prepare(engine.client)
  })

  afterAll(async () => {
    await engine?.stop()
    await sandbox?.clear()
  })

  const sums = async (vdb: string) => {
    const [row] = await queryUrl<Record<string, string>>(await urlOf(engine.client, vdb, { database: "pgbench" }), SUMS)
    return new Set(Object.values(row ?? {}))
  }
  const value = async (vdb: string, sql: string) => Object.values((await queryUrl<Record<string, unknown>>(await urlOf(engine.client, vdb, { database: "pgbench" }), sql))[0] ?? {})[0]
  const logOf = async (vdb: string) => {
    const { id } = await engine.client.showVdb({ params: { id: vdb } })
    return readFile(join(home.dataDir, "mnt/vdb", id, "veneer/log/postgresql.log"), "utf8")
  }

  it("links, and reports progress on the way", async () => {
    await link(engine.client, server, "sales")
    const { items } = await engine.client.listSnapshots({ query: { dsource: "sales" } })
    expect(items).toHaveLength(1)
    expect(items[0]?.state).toBe("published")
  })

  it("publishes an image that was shut down", async () => {
    const [snapshot] = (await engine.client.listSnapshots({ query: { dsource: "sales" } })).items
    const data = join(home.dataDir, "pools/default/image", snapshot?.id ?? "", "data")
    const { stdout } = await asOwner([join(BIN ?? "", "pg_controldata"), data])
    expect(stdout).toMatch(/Database cluster state: +shut down\n/)
  })

  it("provisions two VDBs at once, whose TPC-B sums agree and whose logs show no crash recovery", async () => {
    await Promise.all([provision(engine.client, "dev", "sales"), provision(engine.client, "qa", "sales")])
    for (const vdb of ["dev", "qa"]) {
      expect((await sums(vdb)).size).toBe(1)
      expect(await logOf(vdb)).not.toMatch(/automatic recovery in progress|was interrupted/)
    }
  })

  it("keeps VDBs apart from each other and from the snapshot they came from", async () => {
    const before = await value("qa", DIGEST)
    await queryUrl(await urlOf(engine.client, "dev", { database: "pgbench" }), "update pgbench_accounts set abalance = abalance + 1 where aid <= 200000")
    expect(await value("dev", DIGEST)).not.toBe(before)
    expect(await value("qa", DIGEST)).toBe(before)
    const third = await provision(engine.client, "third", "sales")
    expect(await value("third", DIGEST)).toBe(before)
    await succeeded(engine.client, await engine.client.deleteVdb({ params: { id: third.id } }))
  })

  it("syncs what changed, and refreshes a VDB to it under the same name, port and password", async () => {
    await server.query("create table proof as select 1 as one", "pgbench")
    await succeeded(engine.client, await engine.client.syncDsource({ params: { id: "sales" }, body: { resync: false } }))
    expect(await value("dev", "select to_regclass('proof') is null")).toBe(true)
    const url = await urlOf(engine.client, "dev", { database: "pgbench" })
    await succeeded(engine.client, await engine.client.refreshVdb({ params: { id: "dev" }, body: {} }))
    expect(await urlOf(engine.client, "dev", { database: "pgbench" })).toBe(url)
    expect(await value("dev", "select to_regclass('proof') is null")).toBe(false)
    expect((await sums("dev")).size).toBe(1)
    expect(await logOf("dev")).not.toMatch(/automatic recovery in progress|was interrupted/)
  })

  it("rewinds a VDB to its own snapshot, taken under load", async () => {
    const url = await urlOf(engine.client, "qa", { database: "pgbench" })
    const writing = asOwner([join(BIN ?? "", "pgbench"), "--client", "2", "--time", "5", "--no-vacuum", url])
    const job = await succeeded(engine.client, await engine.client.snapshotVdb({ params: { id: "qa" } }))
    await writing
    await queryUrl(url, "truncate pgbench_accounts, pgbench_history")
    await succeeded(engine.client, await engine.client.rewindVdb({ params: { id: "qa" }, body: { at: job.id } }))
    expect(Number(await value("qa", "select count(*) from pgbench_accounts"))).toBe(SCALE * 100_000)
    expect((await sums("qa")).size).toBe(1)
    expect(await logOf("qa")).not.toMatch(/automatic recovery in progress|was interrupted/)
  })

  it("stops, starts, disables and enables a VDB", async () => {
    const params = { id: "qa" }
    await succeeded(engine.client, await engine.client.stopVdb({ params }))
    expect((await engine.client.showVdbStatus({ params })).state).toBe("inactive")
    await succeeded(engine.client, await engine.client.startVdb({ params }))
    await succeeded(engine.client, await engine.client.disableVdb({ params }))
    expect((await engine.client.showVdb({ params })).state).toBe("disabled")
    await succeeded(engine.client, await engine.client.enableVdb({ params }))
    expect((await sums("qa")).size).toBe(1)
  })

  it("provisions from a VDB's snapshot", async () => {
    await provision(engine.client, "child", "qa")
    expect((await sums("child")).size).toBe(1)
    await expect(engine.client.deleteVdb({ params: { id: "qa" } })).rejects.toMatchObject({ code: "in_use" })
    await succeeded(engine.client, await engine.client.deleteVdb({ params: { id: "child" } }))
  })

  it("creates an empty VDB", async () => {
    const { job } = await engine.client.createEmptyVdb({ body: { name: "blank", plugin: "postgres", environment: "here", parameters: {} } })
    await succeeded(engine.client, job)
    expect(await queryUrl(await urlOf(engine.client, "blank"), "select 1 as one")).toEqual([{ one: 1 }])
    await succeeded(engine.client, await engine.client.deleteVdb({ params: { id: "blank" } }))
  })

  it("holds in a VDB only what the VDB wrote", async () => {
    const fresh = await provision(engine.client, "thin", "sales")
    const usage = await engine.client.showVdbUsage({ params: { id: fresh.id } })
    expect(usage.logicalBytes).toBeGreaterThan(SCALE * 13e6)
    expect(usage.ownBytes).toBeLessThan(usage.logicalBytes / 10)
  })

  it("leaves nothing when all is deleted, on the source neither", async () => {
    for (const id of ["thin", "dev", "qa"]) await succeeded(engine.client, await engine.client.deleteVdb({ params: { id } }))
    await succeeded(engine.client, await engine.client.deleteDsource({ params: { id: "sales" } }))
    expect((await engine.client.examine()).items).toEqual([])
    expect(await server.query("select slot_name from pg_replication_slots")).toEqual([])
    const { items } = await engine.client.listPools()
    expect(items).toHaveLength(1)
    const datasets = execFileSync("btrfs", ["subvolume", "list", join(home.dataDir, "pools/default")], { encoding: "utf8" })
    expect(datasets).toBe("")
  })
})
