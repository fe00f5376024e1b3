import { spawn, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:net"
import { join } from "node:path"
import { Secret } from "@veneer/sdk"
import * as fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import plugin from "../src/index.ts"
import type { VirtualSource } from "../src/schemas.ts"
import { sqlIdentifier } from "../src/quote.ts"
import { makeCluster, psql, type Cluster } from "./cluster.ts"
import { DSource, Vdb, copy, discover, failure, makeMount, type Image } from "./estate.ts"
import { testHost, whyNot, type TestHost } from "./host.ts"

const reason = whyNot()
const SUPERUSER = "w e\"ird, 'super' $user \\ #é"

describe.skipIf(reason !== undefined)(`a VDB${reason === undefined ? "" : ` (${reason})`}`, () => {
  let host: TestHost
  let cluster: Cluster
  let dsource: DSource
  let image: Image
  const made: Vdb[] = []

  const make = (parameters: VirtualSource = {}): Vdb => {
    const vdb = new Vdb(host, dsource.repository, parameters)
    made.push(vdb)
    return vdb
  }

  beforeAll(async () => {
    host = testHost()
    cluster = await makeCluster(host, "source", ["--wal-segsize=1"], "wal_level=logical", "max_prepared_transactions=3")
    await cluster.psql("alter system set archive_mode = on; alter system set archive_command = 'touch /tmp/veneer-archived-%f'; alter system set synchronous_standby_names = 'nobody'; alter system set work_mem = '9MB'; alter system set port = 1; alter system set shared_buffers = '77MB'")
    await cluster.psql("create table t as select generate_series(1, 10) n; create publication p for table t")
    await cluster.psql("create database \"sub'db\"")
    await cluster.psql(`create table t(n int); create subscription "s'1" connection 'host=${cluster.socketDirectory} port=${String(cluster.port)} dbname=postgres user=postgres' publication p with (connect = false, slot_name = 'remote')`, "sub'db")
    await cluster.psql("begin; insert into t values (99); prepare transaction 'p'")
    await cluster.psql("create role boss superuser login")
    await psql(cluster.bin, { PGHOST: cluster.socketDirectory, PGPORT: String(cluster.port), PGUSER: "boss", PGDATABASE: "postgres" }, `alter role postgres rename to ${sqlIdentifier(SUPERUSER)}`)
    dsource = new DSource(host, await discover(host, cluster))
    dsource.method = { username: "boss" }
    const snapshot = await dsource.sync({ resync: true })
    image = await dsource.publish(snapshot)
    await dsource.stop("delete")
  })

  afterAll(async () => {
    for (const vdb of made) await vdb.unconfigure("delete")
    await cluster.stop()
    host.remove()
  })

  it("is cut off from production in every way that nobody asked to keep", async () => {
    expect(image.snapshot.subscriptions).toEqual([{ name: "s'1", database: "sub'db", slot: "remote", enabled: false }])
    expect(image.snapshot.quarantine?.join("\n")).toContain("s'1")
    expect(image.snapshot.superuser).toBe(SUPERUSER)
    const vdb = make()
    const config = await vdb.provision(image)
    expect(config.quarantine).toEqual(expect.arrayContaining(["WAL archiving is off.", "Replication slots are dropped.", "synchronous_standby_names is empty."]))
    expect(await vdb.ask("select string_agg(name || '=' || setting, ' ' order by name) from pg_settings where name in ('archive_mode', 'synchronous_standby_names', 'primary_conninfo', 'max_logical_replication_workers', 'work_mem', 'shared_buffers', 'max_prepared_transactions')"))
      .toBe("archive_mode=off max_logical_replication_workers=0 max_prepared_transactions=3 primary_conninfo= shared_buffers=16384 synchronous_standby_names= work_mem=9216")
    expect(await vdb.ask("select subenabled, subslotname is null from pg_subscription")).toBe("f|t")
    expect(await vdb.ask("select count(*) from pg_prepared_xacts")).toBe("1")
    expect(readFileSync(join(vdb.mount, "data/postgresql.auto.conf"), "utf8")).toContain("work_mem")
  })

  it("keeps what it is asked to keep", async () => {
    const vdb = make({ quarantine: { synchronousStandbys: false, subscriptions: false }, durability: "disposable", settings: { synchronous_commit: "local" } })
    const config = await vdb.provision(image)
    expect(config.quarantine).not.toContain("synchronous_standby_names is empty.")
    expect(await vdb.ask("select current_setting('synchronous_standby_names'), current_setting('fsync'), subslotname from pg_subscription")).toBe("nobody|off|remote")
  })

  it("takes passwords as libpq and the server understand them", async () => {
    const vdb = make()
    await vdb.provision(image)
    const passwords = ["x", "it's \"$`\\ a", "é", "e\u0301", "a\u00a0b", "so\u00adft", "ﬁ", "😀", "é😀\u0301", "\u0627\u0644", "\u200e", "ª"]
    const { port } = vdb.configured("provision").sourceConfig
    for (const password of passwords) {
      vdb.parameters = { port, password: new Secret(password) }
      await vdb.reconfigure("enable")
      expect(`${password} ${await vdb.ask("select 1")}`).toBe(`${password} 1`)
    }
    await expect(vdb.ask("select 1", { password: new Secret("other") })).rejects.toThrow(/password authentication failed/)
    const said = host.said.join("\n")
    expect(said).not.toContain("SCRAM-SHA-256$")
    expect(readFileSync(join(vdb.mount, "veneer/log/postgresql.log"), "utf8")).not.toContain("SCRAM-SHA-256$")
  })

  it("takes any setting, and has this very binary refuse wrong ones before it starts", async () => {
    const vdb = make({ settings: { work_mem: "12MB", "my.own": "it's \\ \"q\"\nline", enable_seqscan: false, random_page_cost: 1.5 } })
    await vdb.provision(image)
    expect(await vdb.ask("select current_setting('work_mem'), current_setting('my.own'), current_setting('enable_seqscan'), current_setting('random_page_cost')")).toBe("12MB|it's \\ \"q\"\nline|off|1.5")
    const texts = fc.sample(fc.string({ unit: "binary" }).filter(text => !text.includes("\0")), { numRuns: 60, seed: 7 })
    await vdb.unconfigure("disable")
    vdb.parameters = { settings: Object.fromEntries(texts.map((text, index) => [`my.t${String(index)}`, text])) }
    await vdb.reconfigure("enable")
    const kept = await vdb.ask(`select '+' || encode(convert_to(current_setting('my.t' || n), 'UTF8'), 'hex') from generate_series(0, ${String(texts.length - 1)}) n`)
    expect(kept.split("\n")).toEqual(texts.map(text => `+${Buffer.from(text).toString("hex")}`))
    await vdb.unconfigure("disable")
    const refused = async (settings: VirtualSource["settings"]) => {
      vdb.parameters = { settings }
      return failure(vdb.reconfigure("enable"))
    }
    expect(await refused({ wrok_mem: "1MB" })).toMatchObject({ code: "unknown_guc", message: expect.stringContaining("wrok_mem") })
    expect(await refused({ work_mem: "lots" })).toMatchObject({ code: "refused_value", message: expect.stringContaining("work_mem") })
    expect(await refused({ work_mem: "1kB" })).toMatchObject({ code: "refused_value", message: expect.stringContaining("work_mem") })
    expect(await refused({ "a b": 1 })).toMatchObject({ code: "unknown_guc" })
    expect(await refused({ port: 5 })).toMatchObject({ code: "setting_owned" })
    expect(await refused({ archive_command: "x" })).toMatchObject({ code: "setting_quarantined" })
    expect(await refused({ shared_preload_libraries: "no_such" })).toMatchObject({ code: "missing_library", message: expect.stringContaining("no_such") })
    expect(existsSync(join(vdb.mount, "data/postmaster.pid"))).toBe(false)
  })

  it("names a port that is taken, a database that is missing and a file system that is full", async () => {
    const server = await new Promise<Server>(resolve => {
      const listening = createServer().listen(0, "127.0.0.1", () => resolve(listening))
    })
    const address = server.address()
    const vdb = make({ port: typeof address === "object" && address ? address.port : 0 })
    expect(await failure(vdb.provision(image))).toMatchObject({ code: "port_taken" })
    server.close()
    vdb.parameters = { database: "no such" }
    expect(await failure(Promise.resolve(plugin.virtual.configure({ ...vdb.call("provision"), snapshot: image.snapshot })))).toMatchObject({ code: "database_missing" })
    const full = make()
    mkdirSync(full.mount)
    const room = Number(spawnSync("du", ["-sm", image.path], { encoding: "utf8" }).stdout.split("\t")[0]) + 12
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", `size=${String(room)}m,uid=postgres,gid=postgres,mode=700`, "tmpfs", full.mount]).status).toBe(0)
    try {
      spawnSync("bash", ["-c", 'cp -a "$1/." "$2/"; head -c 100M /dev/zero >"$2/filler"', "-", image.path, full.mount])
      expect(await failure(Promise.resolve(plugin.virtual.configure({ ...full.call("provision"), snapshot: image.snapshot })))).toMatchObject({ code: "disk_full" })
      await full.unconfigure("delete")
    } finally {
      spawnSync("umount", ["-l", full.mount])
    }
  })

  it("refuses another version, and a data directory that somebody works in", async () => {
    const other = make()
    expect(await failure(Promise.resolve(plugin.virtual.configure({ ...other.call("provision"), snapshot: { ...image.snapshot, major: 9 } })))).toMatchObject({ code: "version_mismatch" })
    copy(image.path, other.mount)
    writeFileSync(join(other.mount, "data/PG_VERSION"), "9\n")
    expect(await failure(Promise.resolve(plugin.virtual.configure({ ...other.call("provision"), snapshot: image.snapshot })))).toMatchObject({ code: "version_mismatch" })
    const busy = make()
    copy(image.path, busy.mount)
    writeFileSync(join(busy.mount, "data/postmaster.pid"), "1\n")
    rmSync(join(busy.mount, "veneer/published"))
    const squatter = spawn("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", "tail", "-f", "/dev/null"], { cwd: join(busy.mount, "data") })
    await new Promise(resolve => squatter.once("spawn", resolve))
    await expect.poll(() => readFileSync(`/proc/${String(squatter.pid)}/comm`, "utf8")).toBe("tail\n")
    const published = failure(Promise.resolve(plugin.virtual.publish?.({ ...busy.call("publish"), sourceConfig: dsource.sourceConfig, snapshot: image.snapshot })))
    expect(await published).toMatchObject({ code: "data_directory_in_use", output: expect.stringContaining("tail -f /dev/null") })
    squatter.kill()
  })

  it("serves whom the source's pg_hba.conf lets in, where that is asked", async () => {
    const vdb = make({ hba: "append" })
    await vdb.provision(image)
    expect(await vdb.ask("select count(*) > 4 from pg_hba_file_rules")).toBe("t")
    rmSync(join(vdb.mount, "data/pg_hba.conf"))
    expect(await failure(vdb.reconfigure("enable"))).toMatchObject({ code: "pg_hba_missing" })
  })

  it("is stopped though somebody holds on", async () => {
    const vdb = make()
    await vdb.provision(image)
    const holder = vdb.ask("select pg_sleep(60)").catch(() => "gone")
    await expect.poll(async () => vdb.ask("select count(*) from pg_stat_activity where query like 'select pg_sleep%'")).toBe("1")
    await vdb.unconfigure("disable")
    expect(await holder).toBe("gone")
    expect(existsSync(join(vdb.mount, "data/postmaster.pid"))).toBe(false)
  })

  it("comes up after its server was killed, or its snapshot taken while it ran", async () => {
    const vdb = make()
    await vdb.provision(image)
    await vdb.ask("insert into t values (1000)")
    const [pid = ""] = readFileSync(join(vdb.mount, "data/postmaster.pid"), "utf8").split("\n")
    process.kill(Number(pid), "SIGKILL")
    await expect.poll(() => existsSync(`/proc/${pid}/exe`)).toBe(false)
    expect(await plugin.virtual.status?.(vdb.configured("status"))).toMatchObject({ state: "inactive" })
    await plugin.virtual.start?.(vdb.configured("start"))
    expect(await vdb.ask("select count(*) from t where n = 1000")).toBe("1")
  })

  it("can begin empty, and be provisioned from", async () => {
    const vdb = make()
    made.push(vdb)
    rmSync(vdb.mount, { recursive: true, force: true })
    copy(makeMount(host, `empty ${vdb.id}`), vdb.mount)
    vdb.config = await plugin.virtual.initialize?.(vdb.call("create"))
    await vdb.ask("create table first()")
    const child = make()
    await child.provision(await vdb.snapshot())
    expect(await child.ask("select count(*) from first")).toBe("0")
  })
  it("leaves nothing outside its dataset", async () => {
    for (const vdb of made) await vdb.unconfigure("delete")
    expect(made.filter(({ id }) => existsSync(`/tmp/veneer-${id}`))).toEqual([])
  })
})
