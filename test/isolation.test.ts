import { existsSync } from "node:fs"
import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { execa } from "execa"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { createEngineHome, succeeded, type EngineHome, type EngineProcess } from "./support/engine.ts"
import { discover, link, prepare, provision, urlOf } from "./support/estate.ts"
import { restart } from "./support/fault.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"
import { asOwner, BIN, LACKS, queryUrl, startServer, type Server } from "./support/server.ts"

describe.skipIf(LACKS !== undefined)(`what a source and its copies know of each other${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, () => {
  let sandbox: Sandbox
  let home: EngineHome
  let engine: EngineProcess
  /** Sends its changes to production. */
  let publisher: Server
  /** Production. */
  let server: Server
  /** Where production archives to. */
  let archive: string

  beforeAll(async () => {
    const apart = await createSandbox("publisher")
    sandbox = await createSandbox("isolation")
    sandbox.defer(() => apart.clear())
    archive = join(sandbox.path, "archive")
    await execa("install", ["-d", "-o", "postgres", archive])
    ;[publisher, server] = await Promise.all([
      startServer(apart, { wal_level: "logical" }),
      startServer(sandbox, { wal_level: "logical", autovacuum: "off", archive_mode: "on", archive_command: `touch ${archive}/%f` }),
    ])
    home = createEngineHome(sandbox)
    engine = await home.start()
    await prepare(engine.client)
  })

  afterAll(() => sandbox?.clear())

  describe("a source that is copied", () => {
    /** Everything in it, its roles and settings, as text; without what a dump says of itself. */
    async function digest(): Promise<string> {
      const { stdout } = await asOwner([join(BIN ?? "", "pg_dumpall"), "--host", join(server.data, ".."), "--port", String(server.port), "--username", "postgres"])
      const settings = await server.query("select name, setting, sourcefile from pg_settings where name <> 'application_name' order by 1")
      return JSON.stringify([stdout.split("\n").filter((line) => !/^\\(un)?restrict /.test(line)), settings])
    }

    /** Its files by size and change, but for WAL, and what any server writes of itself at a checkpoint or while it runs. */
    async function files(): Promise<string> {
      const own = /^(pg_wal|pg_replslot|pg_stat|pg_stat_tmp|pg_logical|pg_xact|pg_subtrans|pg_multixact|pg_commit_ts)(\/|$)|^global\/(pg_control|pg_internal\.init)$|pg_internal\.init$|^(postmaster\.pid|postmaster\.opts)$/
      const entries = await readdir(server.data, { recursive: true, withFileTypes: true })
      const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(server.data.length + 1)).filter((name) => !own.test(name))
      const lines = names.sort().map(async (name) => {
        const { size, mtimeMs } = await stat(join(server.data, name))
        return `${name} ${size} ${mtimeMs}`
      })
      return (await Promise.all(lines)).join("\n")
    }

    it("is after link, sync, provision, refresh and unlink as it was before", async () => {
      await server.query("create table kept as select generate_series(1, 1000) as id")
      await server.query("vacuum (freeze, analyze)")
      // Reading settles what is still to be noted in the pages that are read.
      const before = [await digest()]
      await server.query("checkpoint")
      before.push(await files())
      await link(engine.client, server, "idle")
      expect(await server.query("select slot_type, active from pg_replication_slots")).toEqual([{ slot_type: "physical", active: true }])
      await succeeded(engine.client, await engine.client.syncDsource({ params: { id: "idle" }, body: {} }))
      await provision(engine.client, "copy", "idle")
      await queryUrl(await urlOf(engine.client, "copy"), "create table written as select generate_series(1, 100000) as id")
      await succeeded(engine.client, await engine.client.syncDsource({ params: { id: "idle" }, body: { resync: true } }))
      await succeeded(engine.client, await engine.client.refreshVdb({ params: { id: "copy" }, body: {} }))
      await succeeded(engine.client, await engine.client.deleteVdb({ params: { id: "copy" } }))
      await succeeded(engine.client, await engine.client.deleteDsource({ params: { id: "idle" } }))
      expect([await digest(), await files()]).toEqual(before)
      expect(await server.query("select slot_name from pg_replication_slots")).toEqual([])
      await expect.poll(() => server.query("select application_name from pg_stat_replication"), { timeout: 30_000 }).toEqual([])
    })
  })

  /** Two ways in which a source may have been told what a copy must not do. */
  describe.each(["postgresql.conf", "ALTER SYSTEM"])("a VDB of a source that was set up by %s", (by) => {
    const dsource = `set up by ${by.replace(/\W/g, " ")}`
    const vdb = `copy ${by.replace(/\W/g, " ")}`
    const subscription = 'it\'s "subscribed" $x'
    const settings = () => ({
      archive_command: `touch ${archive}/%f`, archive_timeout: "1h", primary_conninfo: `host=127.0.0.1 port=${publisher.port} user=replicator`, primary_slot_name: "upstream",
      restore_command: `touch ${archive}/restored-%f`, recovery_end_command: `touch ${archive}/ended`, synchronous_standby_names: "FIRST 1 (veneer_nobody)",
    })

    beforeAll(async () => {
      const lines = Object.entries(settings())
      if (by === "ALTER SYSTEM") for (const [name, value] of lines) await server.query(`alter system set ${name} = ${pg.escapeLiteral(value)}`)
      else await asOwner(["tee", "-a", join(server.data, "postgresql.conf")], lines.map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`).join(""))
      // Local commits of the source must not wait for a standby that is not there.
      await server.query("alter system set synchronous_commit = local")
      await restart(server)
      await publisher.query("create table if not exists stream (id int)")
      await publisher.query("create publication production for table stream").catch(() => undefined)
      await server.query("create table if not exists stream (id int)")
      await server.query(`create subscription ${pg.escapeIdentifier(subscription)} connection ${pg.escapeLiteral(`${publisher.url}?application_name=subscriber`)} publication production with (slot_name = production)`)
      await server.query("select pg_create_logical_replication_slot('logical_one', 'pgoutput')")
      await server.query("select pg_create_physical_replication_slot('physical_one', true)")
      await publisher.query("insert into stream values (1)")
      await vi.waitFor(async () => expect(await server.query("select count(*)::int as rows from stream")).not.toEqual([{ rows: 0 }]), { timeout: 60_000, interval: 50 })
      await discover(engine.client)
      await link(engine.client, server, dsource)
      await provision(engine.client, vdb, dsource)
    })

    afterAll(async () => {
      for (const id of [vdb, `${vdb} kept`]) await engine.client.deleteVdb({ params: { id } }).then((job) => succeeded(engine.client, job), () => undefined)
      await succeeded(engine.client, await engine.client.deleteDsource({ params: { id: dsource } }))
      await server.query("select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active")
      await server.query(`drop subscription ${pg.escapeIdentifier(subscription)}`)
      await server.query("alter system reset all")
      for (const each of [server, publisher]) await each.query("truncate stream")
      await restart(server)
    })

    const ask = async <T extends pg.QueryResultRow>(sql: string, id = vdb) => queryUrl<T>(await urlOf(engine.client, id), sql)
    const settingsOf = async (id = vdb) => {
      const names = ["archive_mode", ...Object.keys(settings())]
      const rows = await ask<{ name: string; setting: string }>(`select name, setting from pg_settings where name in (${names.map((name) => pg.escapeLiteral(name)).join(", ")})`, id)
      return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))
    }
    /** Who is connected to the publisher for a subscription, and whence the source's own comes. */
    const subscribers = () => publisher.query("select pid from pg_stat_replication order by 1")

    it("does not archive, whatever WAL it writes", async () => {
      expect(await settingsOf()).toMatchObject({ archive_mode: "off", archive_command: expect.stringMatching(/^(\(disabled\))?$/), restore_command: "", recovery_end_command: "" })
      await execa("find", [archive, "-type", "f", "-delete"])
      await ask("create table if not exists bulky as select generate_series(1, 100000) as id")
      const [row] = await ask<{ file: string }>("select pg_walfile_name(pg_switch_wal()) as file")
      await ask("checkpoint")
      expect(await ask("select archived_count::int + failed_count::int as tried from pg_stat_archiver")).toEqual([{ tried: 0 }])
      expect(existsSync(join(archive, row?.file ?? ""))).toBe(false)
      expect((await readdir(archive)).filter((name) => name === "ended" || name.startsWith("restored-"))).toEqual([])
    })

    it("has no slot, no sender, no receiver, and no subscription that runs", async () => {
      const before = await subscribers()
      expect(before).toHaveLength(1)
      expect(await ask("select slot_name from pg_replication_slots")).toEqual([])
      expect(await ask("select pid from pg_stat_replication")).toEqual([])
      expect(await ask("select pid from pg_stat_wal_receiver")).toEqual([])
      expect(await settingsOf()).toMatchObject({ primary_conninfo: "", primary_slot_name: "" })
      expect(await ask("select subname as name, subenabled as enabled, subslotname as slot from pg_subscription")).toEqual([{ name: subscription, enabled: false, slot: null }])
      await ask(`drop subscription ${pg.escapeIdentifier(subscription)}`)
      await publisher.query("insert into stream values (2)")
      await expect.poll(() => server.query("select count(*)::int as rows from stream where id = 2"), { timeout: 60_000, interval: 50 }).toEqual([{ rows: 1 }])
      expect(await ask("select count(*)::int as rows from stream where id = 2")).toEqual([{ rows: 0 }])
      expect(await subscribers()).toEqual(before)
    })

    it("commits without waiting for a standby", async () => {
      expect(await settingsOf()).toMatchObject({ synchronous_standby_names: "" })
      await ask("set statement_timeout = '30s'; set synchronous_commit = on; create table if not exists committed (id int); insert into committed values (1)")
    })

    it("keeps what its parameters keep, and only that", async () => {
      const kept = `${vdb} kept`
      await provision(engine.client, kept, dsource, { quarantine: { archiving: false, primaryConninfo: false, synchronousStandbys: false, subscriptions: false } })
      expect(await settingsOf(kept)).toMatchObject({ ...settings(), archive_mode: "on", archive_timeout: "3600" })
      expect(await ask("select slot_name from pg_replication_slots", kept)).toEqual([])
      expect(await ask("select subname as name, subenabled as enabled, subslotname as slot from pg_subscription", kept)).toEqual([{ name: subscription, enabled: true, slot: "production" }])
      const [row] = await ask<{ file: string }>("select pg_walfile_name(pg_switch_wal()) as file", kept)
      await expect.poll(() => existsSync(join(archive, row?.file ?? "none")), { timeout: 60_000, interval: 50 }).toBe(true)
    })
  })

  it("leaves nothing in the end", async () => {
    expect((await engine.client.examine()).items).toEqual([])
    expect(await server.query("select slot_name from pg_replication_slots")).toEqual([])
  })
})
