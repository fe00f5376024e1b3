import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Secret } from "@veneer/sdk"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { makeCluster, type Cluster } from "./cluster.ts"
import { DSource, Vdb, discover, failure } from "./estate.ts"
import { freePort, testHost, whyNot, type TestHost } from "./host.ts"

const reason = whyNot()
const HBA = ["local replication all trust", "host all all 127.0.0.1/32 scram-sha-256", "host replication all 127.0.0.1/32 scram-sha-256"]

const replicator = (over: DSource["method"] = {}) => ({ host: "127.0.0.1", username: "repl \"i'cator\\", password: new Secret("pa:ss\\wo'rd"), ...over })

describe.skipIf(reason !== undefined)(`an ingest that meets trouble${reason === undefined ? "" : ` (${reason})`}`, () => {
  let host: TestHost
  let cluster: Cluster
  let found: Awaited<ReturnType<typeof discover>>
  let dsource: DSource
  const made: DSource[] = []

  const make = (method: DSource["method"] = {}, over: Partial<typeof found> = {}): DSource => {
    const one = new DSource(host, { ...found, ...over })
    one.method = method
    made.push(one)
    return one
  }

  beforeAll(async () => {
    host = testHost()
    cluster = await makeCluster(host, "source", ["--wal-segsize=1"], "max_replication_slots=4", "wal_keep_size=0", "min_wal_size=2MB", "max_wal_size=4MB")
    await cluster.psql(`create role "repl ""i'cator\\" login replication password 'pa:ss\\wo''rd'; create role plain login password 'x'`)
    await cluster.hba(...HBA)
    found = await discover(host, cluster)
    dsource = make(replicator())
  })

  afterAll(async () => {
    for (const one of made) await one.stop("delete").catch(() => undefined)
    await cluster.stop()
    host.remove()
  })

  it("tells a wrong password from others", async () => {
    expect(await failure(make(replicator({ password: new Secret("wrong") })).sync())).toMatchObject({ code: "wrong_password", action: expect.stringContaining(`ALTER ROLE "repl ""i'cator\\" PASSWORD`) })
    expect(await failure(make({ ...replicator(), password: undefined }).sync())).toMatchObject({ code: "wrong_password" })
  })

  it("gives the very line that pg_hba.conf lacks", async () => {
    await cluster.hba("host all all 127.0.0.1/32 scram-sha-256")
    expect(await failure(make(replicator()).sync())).toMatchObject({ code: "no_pg_hba_entry", action: expect.stringContaining(`host replication "repl ""i'cator\\" 127.0.0.1/32 scram-sha-256`) })
    expect(await failure(make().sync())).toMatchObject({ code: "no_pg_hba_entry", action: expect.stringContaining(`local replication "postgres" peer`) })
    await cluster.hba(...HBA)
  })

  it("names the right that a role lacks", async () => {
    expect(await failure(make(replicator({ username: "plain", password: new Secret("x") })).sync())).toMatchObject({ code: "no_replication_role", action: expect.stringContaining(`ALTER ROLE "plain" REPLICATION;`) })
  })

  it("says that nothing answers where the source should be", async () => {
    expect(await failure(make(replicator({ port: await freePort() })).sync())).toMatchObject({ code: "source_unreachable" })
    expect(await failure(make({ host: "/nowhere" }).sync())).toMatchObject({ code: "source_unreachable" })
  })

  it("refuses programs of another major version, dangerous minors, and programs that are missing", async () => {
    const { repository } = found
    expect(await failure(make(replicator(), { repository: { ...repository, major: 14 } }).sync())).toMatchObject({ code: "version_mismatch" })
    expect(await failure(make(replicator(), { repository: { ...repository, version: "14.1", major: 14 } }).sync())).toMatchObject({ code: "version_too_old" })
    expect(await failure(make(replicator(), { repository: { ...repository, binDirectory: "/nowhere" } }).sync())).toMatchObject({ code: "missing_binary", message: expect.stringContaining("/nowhere/") })
  })

  it("uses nobody else's directory for its credentials", async () => {
    const one = make(replicator())
    mkdirSync(`/tmp/veneer-${one.id}`, { mode: 0o777 })
    expect(await failure(one.sync())).toMatchObject({ code: "private_directory_taken" })
    rmSync(`/tmp/veneer-${one.id}`, { recursive: true })
  })

  it("takes its tablespaces along, below the mount, into every clone", async () => {
    const place = join(host.directory, "table \\=space")
    mkdirSync(place)
    spawnSync("chown", ["postgres:", place])
    await cluster.psql(`create tablespace "t s" location '${place}'`)
    await cluster.psql(`create table kept tablespace "t s" as select generate_series(1, 100) n`)
    await cluster.psql(`grant connect on database postgres to "repl ""i'cator\\"`)
    const snapshot = await dsource.sync({ resync: true })
    expect(snapshot.tablespaces).toEqual(["t s"])
    const vdb = new Vdb(host, found.repository)
    await vdb.provision(await dsource.publish(snapshot))
    expect(await vdb.ask("select count(*) from kept")).toBe("100")
    const [oid = ""] = readdirSync(join(vdb.mount, "data/pg_tblspc"))
    expect(readlinkSync(join(vdb.mount, "data/pg_tblspc", oid))).toBe(join(vdb.mount, "tablespaces", oid))
    await vdb.unconfigure("delete")
  })

  it("keeps its hands off the directory of a tablespace that the source makes later", async () => {
    const place = join(host.directory, "later")
    mkdirSync(place)
    spawnSync("chown", ["postgres:", place])
    await cluster.psql(`create tablespace later location '${place}'`)
    await cluster.psql(`create table precious tablespace later as select generate_series(1, 1000) n; checkpoint`)
    expect(await failure(dsource.sync())).toMatchObject({ code: "tablespace_added", action: expect.stringContaining("--resync") })
    expect(await cluster.psql("select sum(n) from precious")).toBe("500500")
    await cluster.psql("drop table precious, kept")
    await cluster.psql("drop tablespace later")
    await cluster.psql(`drop tablespace "t s"`)
    await dsource.sync({ resync: true })
  })

  it("finds that its slot is lost", async () => {
    await dsource.stop("disable")
    await cluster.psql(`select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = 'veneer_testengine_${dsource.id}'`)
    await cluster.psql("create table gap()")
    expect(await failure(dsource.sync())).toMatchObject({ code: "slot_lost", action: expect.stringContaining("--resync") })
  })

  it("finds that WAL it needs is gone, and that resync mends it", async () => {
    await cluster.psql(`select pg_create_physical_replication_slot('veneer_testengine_${dsource.id}')`)
    for (let segment = 0; segment < 6; segment += 1) await cluster.psql("create table if not exists filler(); select pg_switch_wal(); drop table filler; checkpoint")
    expect(await failure(dsource.sync())).toMatchObject({ code: "wal_missing", action: expect.stringContaining("--resync") })
    await dsource.sync({ resync: true })
  })

  it("never takes an interrupted copy for a complete one", async () => {
    const one = make(replicator({ rateLimitKBps: 1024 }))
    const interrupted = failure(one.sync({ resync: true }))
    const base = join(one.mount, "data/base")
    await expect.poll(() => existsSync(base), { timeout: 20_000 }).toBe(true)
    host.interrupt()
    await interrupted
    expect(existsSync(join(one.mount, "veneer/complete"))).toBe(false)
    one.method = replicator()
    await one.sync()
    expect(existsSync(join(one.mount, "veneer/complete"))).toBe(true)
    expect(spawnSync("pgrep", ["-f", `pg_basebackup.*${one.id}`], { encoding: "utf8" }).stdout).toBe("")
    await one.stop("delete")
  })

  it("refuses a copy that does not match its manifest", async () => {
    const bin = join(host.directory, "bin")
    mkdirSync(bin)
    spawnSync("bash", ["-c", 'ln -s "$1"/* "$2" && rm "$2/pg_basebackup"', "-", cluster.bin, bin])
    writeFileSync(join(bin, "pg_basebackup"), `#!/bin/bash\n${cluster.bin}/pg_basebackup "$@" && echo 1 >"$2/base/1/PG_VERSION"\n`, { mode: 0o755 })
    const one = make(replicator(), { repository: { ...found.repository, binDirectory: bin } })
    expect(await failure(one.sync({ resync: true }))).toMatchObject({ code: "backup_corrupt", output: expect.stringContaining("PG_VERSION") })
    expect(existsSync(join(one.mount, "veneer/complete"))).toBe(false)
    await one.stop("delete")
  })

  it("says that staging's file system is full", async () => {
    const one = make(replicator())
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=12m,uid=postgres", "tmpfs", one.mount]).status).toBe(0)
    try {
      expect(await failure(one.sync())).toMatchObject({ code: "disk_full" })
      await one.stop("delete")
    } finally {
      spawnSync("umount", ["-l", one.mount])
    }
  })

  it.each(["checkpointer", "startup"])("gets by with a standby whose %s process crashed: one that comes up again is waited for, one that gives up is started", async (crashing) => {
    const one = make(replicator())
    await one.sync()
    await cluster.psql(`create table after_${crashing}()`)
    const postmaster = readFileSync(join(one.mount, "data/postmaster.pid"), "utf8").split("\n")[0] ?? ""
    const child = (name: string) => Number(spawnSync("pgrep", ["-P", postmaster, "-f", name], { encoding: "utf8" }).stdout)
    // The postmaster waits five seconds for a child that doesn't end, and lets nobody in until it has.
    process.kill(child("background writer"), "SIGSTOP")
    process.kill(child(crashing), "SIGKILL")
    expect(await one.sync()).toMatchObject({ verified: true })
    await one.stop("delete")
  })

  it("notices another cluster in the source's place", async () => {
    const other = await makeCluster(host, "other")
    const one = make({})
    rmSync(one.mount, { recursive: true })
    spawnSync("cp", ["-a", dsource.mount, one.mount])
    one.method = { port: other.port, host: other.socketDirectory }
    expect(await failure(one.sync())).toMatchObject({ code: "source_replaced", action: expect.stringContaining("--resync") })
    await other.stop()
  })

  it("follows raised settings of the source without a resync", async () => {
    await cluster.restart("max_connections=150", "max_locks_per_transaction=128")
    await cluster.psql("create table raised()")
    host.said.length = 0
    await dsource.sync()
    expect(host.said.join("\n")).not.toContain("Copying the source")
  })

  it("names a wal_level that is too low, and senders and slots that are missing", async () => {
    await dsource.stop("disable")
    await cluster.restart("max_wal_senders=0")
    expect(await failure(dsource.sync())).toMatchObject({ code: "no_free_sender", action: expect.stringContaining("ALTER SYSTEM SET max_wal_senders") })
    await cluster.restart("max_replication_slots=10")
    await cluster.psql("select pg_create_physical_replication_slot('filler' || n) from generate_series(1, 10 - (select count(*) from pg_replication_slots)) n")
    expect(await failure(make(replicator()).sync())).toMatchObject({ code: "no_free_slot", action: expect.stringContaining("ALTER SYSTEM SET max_replication_slots") })
    await cluster.psql("select pg_drop_replication_slot(slot_name) from pg_replication_slots")
    await cluster.restart("wal_level=minimal", "max_wal_senders=0")
    const minimal = await discover(host, cluster)
    expect(await failure(make(replicator(), minimal).sync())).toMatchObject({ code: "wal_level_too_low", action: expect.stringContaining("ALTER SYSTEM SET wal_level = replica") })
    await cluster.restart()
  })

  it("says which slot it could not drop, and leaves nothing else", async () => {
    await cluster.stop()
    expect(await failure(dsource.stop("delete"))).toMatchObject({ code: "slot_left_behind", action: expect.stringContaining(`SELECT pg_drop_replication_slot('veneer_testengine_${dsource.id}');`) })
    expect(existsSync(`/tmp/veneer-${dsource.id}`)).toBe(false)
  })
})
