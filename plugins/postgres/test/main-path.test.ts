import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import plugin from "../src/index.ts"
import { makeCluster, type Cluster } from "./cluster.ts"
import { DSource, Vdb, copy, discover, type Image } from "./estate.ts"
import { testHost, whyNot, type TestHost } from "./host.ts"

const reason = whyNot()
const HOSTILE = "we ird'\"$`\\\n-"

describe.skipIf(reason !== undefined)(`a dSource and its VDBs on a real cluster${reason === undefined ? "" : ` (${reason})`}`, () => {
  let host: TestHost
  let cluster: Cluster
  let dsource: DSource
  let image: Image
  let vdb: Vdb
  let child: Vdb

  beforeAll(async () => {
    host = testHost()
    cluster = await makeCluster(host, "source")
    await cluster.psql(`create database "${HOSTILE.replaceAll('"', '""')}"`)
    await cluster.psql("create table t as select generate_series(1, 1000) n", HOSTILE)
    dsource = new DSource(host, await discover(host, cluster))
  })

  afterAll(async () => {
    await child.unconfigure("delete").catch(() => undefined)
    await vdb.unconfigure("delete").catch(() => undefined)
    await dsource.stop("delete").catch(() => undefined)
    await cluster.stop()
    host.remove()
  })

  it("is discovered with what a DBA wants to know", () => {
    expect(dsource.repository).toMatchObject({ major: cluster.major, owner: "postgres", name: expect.stringContaining(cluster.bin), extensions: expect.arrayContaining(["plpgsql"]) })
    expect(dsource.sourceConfig).toMatchObject({ name: `source:${String(cluster.port)}`, port: cluster.port, host: "127.0.0.1", running: true, state: "ready", walLevel: "replica", owner: "postgres", inRecovery: false, tablespaces: [] })
    expect(dsource.sourceConfig.databases).toContainEqual(expect.objectContaining({ name: HOSTILE, encoding: "UTF8", collation: "C", extensions: ["plpgsql"] }))
  })

  it("is ingested at the first sync, verified and described", async () => {
    const snapshot = await dsource.sync()
    expect(host.said).toContain("Staging holds no complete copy, so the whole source is copied.")
    expect(snapshot).toMatchObject({ major: cluster.major, timeline: 1, verified: true, superuser: "postgres", checksums: false, extensions: ["plpgsql"], systemIdentifier: dsource.sourceConfig.systemIdentifier })
    expect(host.said.filter(line => line.startsWith("VENEER_PROGRESS")).length).toBeGreaterThan(5)
    expect(await dsource.status()).toEqual({ state: "active" })
  })

  it("catches up with the source at the next sync, without a new copy", async () => {
    await cluster.psql("insert into t select generate_series(1001, 2000)", HOSTILE)
    const before = await cluster.psql("select pg_current_wal_flush_lsn()")
    host.said.length = 0
    const snapshot = await dsource.sync()
    expect(await cluster.psql(`select '${snapshot.endLsn}'::pg_lsn >= '${before}'::pg_lsn`)).toBe("t")
    expect(host.said.join("\n")).not.toContain("Copying the source")
    await cluster.psql("insert into t select generate_series(2001, 2500)", HOSTILE)
    image = await dsource.publish(snapshot)
  })

  it("is published cleanly shut down on a timeline of its own, and twice is once", async () => {
    expect(image.snapshot).toMatchObject({ cleanShutdown: true, timeline: 2, superuser: "postgres", subscriptions: [] })
    const again = await plugin.linked.publish?.({ ...dsource.call("publish", image.path), snapshot: image.snapshot })
    expect(again).toMatchObject({ cleanShutdown: true, timeline: 2, checkpointLsn: image.snapshot.checkpointLsn })
  })

  it("is provisioned under hostile names and answers with what was synced", async () => {
    vdb = new Vdb(host, dsource.repository, { user: "o'neill \"x\" $`\\\n", database: HOSTILE })
    const config = await vdb.provision(image)
    expect(config).toMatchObject({ host: "127.0.0.1", database: HOSTILE, running: true })
    expect(Number(await vdb.ask("select count(*) from t"))).toBeGreaterThanOrEqual(2000)
    expect(await vdb.ask("select pg_is_in_recovery(), current_setting('data_checksums')")).toBe("f|off")
  })

  it("starts without recovery and without the engine's marks or the script's variables", () => {
    const log = readFileSync(`${vdb.mount}/veneer/log/postgresql.log`, "utf8")
    expect(log).toContain("database system was shut down at")
    const [pid = ""] = readFileSync(`${vdb.mount}/data/postmaster.pid`, "utf8").split("\n")
    const environment = readFileSync(`/proc/${pid}/environ`, "utf8")
    expect(environment).not.toMatch(/VENEER|CONFIGURATION|PRIVATE_DIR|SCRAM/)
    expect(readdirSync(`/proc/${pid}/fd`).map(Number)).not.toContain(255)
  })

  it("is configured again as if it were the first time", async () => {
    const { port, password } = vdb.configured("provision").sourceConfig
    vdb.parameters = { ...vdb.parameters, port }
    vdb.config = await plugin.virtual.configure({ ...vdb.configured("provision"), snapshot: image.snapshot })
    expect(vdb.config.password?.reveal()).toBe(password?.reveal())
    expect(await vdb.ask("select 1")).toBe("1")
  })

  it("stops, starts and tells how it is", async () => {
    await plugin.virtual.stop?.(vdb.configured("stop"))
    await plugin.virtual.stop?.(vdb.configured("stop"))
    expect(await plugin.virtual.status?.(vdb.configured("status"))).toMatchObject({ state: "inactive" })
    await plugin.virtual.start?.(vdb.configured("start"))
    await plugin.virtual.start?.(vdb.configured("start"))
    expect(await plugin.virtual.status?.(vdb.configured("status"))).toEqual({ state: "active" })
    expect(await plugin.virtual.sourceSize?.(vdb.configured("size"))).toBeGreaterThan(1_000_000)
  })

  it("rewinds to its own snapshot, with its port and password", async () => {
    await vdb.ask("create table mine(); alter system set work_mem = '7MB'")
    const before = await vdb.snapshot()
    expect(before.snapshot).toMatchObject({ cleanShutdown: true, method: "VDB", verified: false })
    await vdb.ask("drop table mine")
    await vdb.unconfigure("rewind")
    rmSync(vdb.mount, { recursive: true })
    copy(before.path, vdb.mount)
    const { port } = vdb.configured("rewind").sourceConfig
    await vdb.reconfigure("rewind")
    expect(vdb.config?.port).toBe(port)
    expect(await vdb.ask("select count(*) from mine; show work_mem")).toBe("0\n7MB")
    child = new Vdb(host, dsource.repository, { database: HOSTILE })
    await child.provision(before)
  })

  it("shares nothing with a VDB made of its snapshot", async () => {
    await child.ask("drop table mine; drop table t")
    expect(await vdb.ask("select count(*) from mine")).toBe("0")
    expect(await cluster.psql("select count(*) from t", HOSTILE)).toBe("2500")
  })

  it("is brought up from a snapshot that was not shut down, too", async () => {
    await vdb.ask("insert into t values (-1)")
    await vdb.unconfigure("disable")
    await vdb.reconfigure("enable")
    expect(await vdb.ask("select count(*) from t where n = -1")).toBe("1")
  })

  it("follows the source after the standby was stopped and started", async () => {
    await dsource.stop("disable")
    expect(await dsource.status()).toMatchObject({ state: "inactive" })
    await dsource.start()
    await dsource.start()
    await cluster.psql("insert into t values (-2)", HOSTILE)
    await dsource.sync()
    await dsource.sync({ resync: true })
    expect(await dsource.status()).toEqual({ state: "active" })
  })

  it("is seen by discovery neither as VDB nor as staging", async () => {
    const configs = await plugin.discovery.sourceConfigs({ ...host.call("discover"), repository: dsource.repository })
    expect(configs.filter(({ dataDirectory }) => dataDirectory.startsWith(host.mounts))).toEqual([])
  })

  it("has traces that are listed, and leaves none when it goes", async () => {
    const look = { ...host.call("status"), repository: dsource.repository, sourceConfigs: [dsource.sourceConfig] }
    const found = async () => (await plugin.discovery.traces?.(look) ?? []).filter(({ source }) => [vdb.id, child.id, dsource.id].includes(source))
    expect((await found()).map(({ source }) => source).sort()).toEqual([dsource.id, vdb.id, child.id].sort())
    const [orphan] = (await found()).filter(({ source }) => source === child.id)
    if (orphan) await plugin.discovery.removeTrace?.({ ...look, trace: orphan })
    await vdb.unconfigure("delete")
    await vdb.unconfigure("delete")
    await dsource.stop("disable")
    const slot = (await found()).find(({ name }) => name.startsWith("slot"))
    expect(slot?.action).toContain("pg_drop_replication_slot")
    await dsource.stop("delete")
    await dsource.stop("delete")
    expect(await found()).toEqual([])
    expect([vdb, child, dsource].map(({ id }) => existsSync(`/tmp/veneer-${id}`))).toEqual([false, false, false])
    expect(await cluster.psql("select count(*) from pg_replication_slots")).toBe("0")
  })
})
