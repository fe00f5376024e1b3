import { existsSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { createEngineHome, succeeded, type EngineHome, type EngineProcess } from "./support/engine.ts"
import { discover, link, linkRequest, prepare, provision, urlOf } from "./support/estate.ts"
import { failed, inventory, processesOf, processOf, reload, restart, stop, type Failure } from "./support/fault.ts"
import { gone } from "./support/gone.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"
import { LACKS, queryUrl, startServer, type Server } from "./support/server.ts"

/** Slow enough to be met half way: the smallest cluster is 22 MB. */
const SLOW = { rateLimitKBps: 6000 }

describe.skipIf(LACKS !== undefined)(`what goes wrong with a source${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, () => {
  let sandbox: Sandbox
  let server: Server
  let home: EngineHome
  let engine: EngineProcess

  beforeAll(async () => {
    sandbox = await createSandbox("faults-source")
    server = await startServer(sandbox)
    home = createEngineHome(sandbox)
    engine = await home.start()
    await prepare(engine.client)
  })

  afterAll(() => sandbox?.clear())

  /** Does something that fails, and sees to it that everything is as before. */
  async function leavingNothing<T>(act: () => Promise<T>): Promise<T> {
    const before = await inventory(engine.client, home, server)
    const result = await act()
    expect((await engine.client.examine()).items).toEqual([])
    expect(await inventory(engine.client, home, server)).toEqual(before)
    return result
  }

  /** A link that fails, and what is said of it. */
  async function failedLink(method: Record<string, unknown> = {}): Promise<Failure> {
    return leavingNothing(async () => {
      const { dsource, job } = await engine.client.linkDsource({ body: await linkRequest(engine.client, server, "refused", method) })
      const failure = await failed(engine.client, job)
      expect(existsSync(`/tmp/veneer-${dsource.id}`)).toBe(false)
      return failure
    })
  }

  const snapshotsOf = async (dsource: string) => (await engine.client.listSnapshots({ query: { dsource } })).items.map(({ id, state }) => `${id} ${state}`)
  const answers = async (vdb: string) => queryUrl(await urlOf(engine.client, vdb), "select 1 as one")

  describe("on a source that refuses", () => {
    afterAll(() => discover(engine.client))

    it("says that the password is wrong", async () => {
      expect(await failedLink({ password: "not it" })).toMatchObject({ code: "wrong_password", action: expect.stringContaining("method.password") })
    })

    it("says that the role is not there", async () => {
      expect(await failedLink({ username: "no 'such\" $role" })).toMatchObject({ code: "wrong_password" })
    })

    it("says that the role may not replicate, and the command it gives helps", async () => {
      await server.query(`create role "plain ""one" login password 'pa''ss'`)
      const method = { username: 'plain "one', password: "pa'ss" }
      const { code, action } = await failedLink(method)
      expect(code).toBe("no_replication_role")
      await server.query(/ALTER ROLE .*;/.exec(action)?.[0] ?? "")
      const { job } = await engine.client.linkDsource({ body: await linkRequest(engine.client, server, "allowed", method) })
      await succeeded(engine.client, job)
      await succeeded(engine.client, await engine.client.deleteDsource({ params: { id: "allowed" } }))
      await server.query(`drop role "plain ""one"`)
    })

    it("says which line pg_hba.conf lacks, and the line helps", async () => {
      const file = join(server.data, "pg_hba.conf")
      const whole = await readFile(file, "utf8")
      onTestFinished(async () => {
        await writeFile(file, whole)
        await reload(server)
      })
      await writeFile(file, whole.replaceAll(/^.*\breplication\b.*$/gm, ""))
      await reload(server)
      const { code, action } = await failedLink()
      expect(code).toBe("no_pg_hba_entry")
      await writeFile(file, `${/(host|local) replication .*$/.exec(action)?.[0] ?? ""}\n${await readFile(file, "utf8")}`)
      await reload(server)
      await link(engine.client, server, "allowed")
      await succeeded(engine.client, await engine.client.deleteDsource({ params: { id: "allowed" } }))
    })

    it("says that it can't be reached", async () => {
      expect(await failedLink({ port: 1 })).toMatchObject({ code: "source_unreachable" })
      expect(await failedLink({ host: "no-such-host.invalid" })).toMatchObject({ code: "source_unreachable" })
    })

    it("says that there is no free WAL sender, nor room for the second that a copy needs", async () => {
      onTestFinished(() => restart(server))
      await restart(server, { max_wal_senders: "2" })
      const busy = await Promise.all([occupySender(), occupySender()])
      expect(await failedLink()).toMatchObject({ code: "no_free_sender", action: expect.stringContaining("max_wal_senders") })
      await busy[0]?.end()
      expect(await failedLink()).toMatchObject({ code: "no_free_sender", action: expect.stringContaining("max_wal_senders") })
      await busy[1]?.end()
    })

    it("says that there is no free replication slot", async () => {
      onTestFinished(() => restart(server))
      await restart(server, { max_replication_slots: "0" })
      expect(await failedLink()).toMatchObject({ code: "no_free_slot", action: expect.stringContaining("max_replication_slots") })
      await restart(server, { max_replication_slots: "1" })
      await server.query("select pg_create_physical_replication_slot('theirs')")
      expect(await failedLink()).toMatchObject({ code: "no_free_slot", action: expect.stringContaining("max_replication_slots") })
      await server.query("select pg_drop_replication_slot('theirs')")
    })

    it("says that wal_level is too low, whether or not discovery has seen it", async () => {
      onTestFinished(() => restart(server))
      await restart(server, { wal_level: "minimal", max_wal_senders: "0" })
      expect(await failedLink()).toMatchObject({ code: "wal_level_too_low", action: expect.stringContaining("wal_level = replica") })
      await discover(engine.client)
      expect(await failedLink()).toMatchObject({ code: "wal_level_too_low", action: expect.stringContaining("wal_level = replica") })
    })

    /** Holds one of the source's WAL senders. */
    async function occupySender(): Promise<pg.Client> {
      const { username, password } = server.replicator
      const client = new pg.Client({ host: "127.0.0.1", port: server.port, user: username, password, database: "postgres", replication: "true" } as pg.ClientConfig)
      await client.connect()
      return client
    }
  })

  describe("half way of a base backup", () => {
    /** Begins to copy the source slowly and waits until some of it is there. */
    async function halfWay(start: () => Promise<{ job: { id: string }; id: string }>): Promise<{ job: { id: string }; id: string; pid: number }> {
      const { job, id } = await start()
      const { pid } = await processOf("pg_basebackup", join(home.dataDir, "mnt/dsource", id))
      await expect.poll(async () => (await engine.client.showJob({ params: { id: job.id } })).progress?.message, { timeout: 60_000, interval: 20 }).toMatch(/^Copied [1-9]/)
      expect(existsSync(join(home.dataDir, "mnt/dsource", id, "veneer/complete"))).toBe(false)
      return { job, id, pid }
    }
    const linking = async () => {
      const { dsource, job } = await engine.client.linkDsource({ body: await linkRequest(engine.client, server, "slow", SLOW) })
      return { job, id: dsource.id }
    }
    const resyncing = async () => ({ job: await engine.client.syncDsource({ params: { id: "slow" }, body: { resync: true } }), id: (await engine.client.showDsource({ params: { id: "slow" } })).id })

    it("a cancelled link leaves nothing", async () => {
      await leavingNothing(async () => {
        const { job, id, pid } = await halfWay(linking)
        await engine.client.cancelJob({ params: { id: job.id } })
        expect(await failed(engine.client, job, "cancelled")).toMatchObject({ code: "cancelled" })
        await gone(pid)
        expect(existsSync(`/tmp/veneer-${id}`)).toBe(false)
      })
    })

    it("a killed pg_basebackup fails the link, and leaves nothing", async () => {
      await leavingNothing(async () => {
        const { job, id, pid } = await halfWay(linking)
        process.kill(pid, "SIGKILL")
        expect(await failed(engine.client, job)).toMatchObject({ code: "base_backup_failed" })
        expect(existsSync(`/tmp/veneer-${id}`)).toBe(false)
      })
    })

    it("a killed pg_basebackup fails the resync; the last snapshot stands, and the next sync copies anew", async () => {
      const { job } = await linking()
      await succeeded(engine.client, job)
      const before = await snapshotsOf("slow")
      expect(before).toHaveLength(1)
      await leavingNothing(async () => {
        const resync = await halfWay(resyncing)
        process.kill(resync.pid, "SIGKILL")
        expect(await failed(engine.client, resync.job)).toMatchObject({ code: "base_backup_failed" })
        expect(await snapshotsOf("slow")).toEqual(before)
      })
      await provision(engine.client, "standing", "slow")
      expect(await answers("standing")).toEqual([{ one: 1 }])
      await server.query("create table after_kill as select 1 as one")
      await succeeded(engine.client, await engine.client.syncDsource({ params: { id: "slow" }, body: {} }))
      expect(await snapshotsOf("slow")).toHaveLength(2)
      await succeeded(engine.client, await engine.client.refreshVdb({ params: { id: "standing" }, body: {} }))
      expect(await queryUrl(await urlOf(engine.client, "standing"), "select one from after_kill")).toEqual([{ one: 1 }])
    })

    it("a killed engine is started again and goes on with the same pg_basebackup; queued jobs can be cancelled meanwhile", async () => {
      const before = await snapshotsOf("slow")
      const { job, pid } = await halfWay(resyncing)
      const copying = async () => (await processesOf("pg_basebackup", join(home.dataDir, "mnt/dsource"))).map((found) => found.pid)
      const copies = await copying()
      // Held still, so that it is half way for as long as this takes.
      process.kill(pid, "SIGSTOP")
      const queued = await engine.client.syncDsource({ params: { id: "slow" }, body: {} })
      expect(queued.state).toBe("queued")
      const { pid: enginePid } = await processOf("node", `{"config":{"dataDir":"${home.dataDir}"`)
      process.kill(enginePid, "SIGKILL")
      await engine.ended
      engine = await home.start()
      expect(await copying()).toEqual(copies)
      expect(await snapshotsOf("slow")).toEqual(before)
      await provision(engine.client, "meanwhile", "slow")
      process.kill(pid, "SIGCONT")
      await engine.client.cancelJob({ params: { id: queued.id } })
      expect(await failed(engine.client, queued, "cancelled")).toMatchObject({ code: "cancelled" })
      expect((await engine.client.showJob({ params: { id: queued.id } })).steps).toEqual([])
      await succeeded(engine.client, job)
      expect((await snapshotsOf("slow"))).toHaveLength(before.length + 1)
      expect((await engine.client.examine()).items).toEqual([])
      for (const id of ["meanwhile", "standing"]) await succeeded(engine.client, await engine.client.deleteVdb({ params: { id } }))
      await succeeded(engine.client, await engine.client.deleteDsource({ params: { id: "slow" } }))
    })
  })

  describe("between a dSource and its source", () => {
    beforeAll(() => link(engine.client, server, "base"))

    const sync = () => engine.client.syncDsource({ params: { id: "base" }, body: {} })

    it("a stopped source fails the sync; the last snapshot stands, and the next sync works", async () => {
      const before = await snapshotsOf("base")
      await stop(server)
      const { code } = await failed(engine.client, await sync())
      await restart(server)
      expect(code).toBe("source_unreachable")
      expect((await engine.client.examine()).items).toEqual([])
      expect(await snapshotsOf("base")).toEqual(before)
      await succeeded(engine.client, await sync())
      expect(await snapshotsOf("base")).toHaveLength(before.length + 1)
    })

    it("a source that stops during a sync and comes back is waited for", async () => {
      const { id } = await engine.client.showDsource({ params: { id: "base" } })
      const follower = ["tail", join(home.dataDir, "mnt/dsource", id)] as const
      await expect.poll(() => walsender(), { timeout: 60_000, interval: 20 }).toBeDefined()
      const sender = await walsender()
      process.kill(sender ?? 0, "SIGSTOP")
      await server.query("create table late as select 1 as one")
      const job = await sync()
      await processOf(...follower)
      process.kill(sender ?? 0, "SIGKILL")
      await expect.poll(() => server.query("select 1 as one").catch(() => undefined), { timeout: 60_000, interval: 20 }).toBeDefined()
      await restart(server)
      await succeeded(engine.client, job)
      await provision(engine.client, "late", "base")
      expect(await queryUrl(await urlOf(engine.client, "late"), "select one from late")).toEqual([{ one: 1 }])
      await succeeded(engine.client, await engine.client.deleteVdb({ params: { id: "late" } }))
    })

    it("a slot that was dropped is told of, and a resync mends it", async () => {
      const before = await snapshotsOf("base")
      await expect.poll(() => dropSlot(), { timeout: 60_000, interval: 20 }).toBe(true)
      await server.query("create table unseen as select 1 as one")
      expect(await failed(engine.client, await sync())).toMatchObject({ code: "slot_lost", action: expect.stringContaining("--resync") })
      expect(await snapshotsOf("base")).toEqual(before)
      expect((await engine.client.examine()).items).toEqual([])
      await provision(engine.client, "standing", "base")
      expect(await answers("standing")).toEqual([{ one: 1 }])
      await succeeded(engine.client, await engine.client.deleteVdb({ params: { id: "standing" } }))
      await succeeded(engine.client, await engine.client.syncDsource({ params: { id: "base" }, body: { resync: true } }))
      expect(await snapshotsOf("base")).toHaveLength(before.length + 1)
    })

    /** The process of the source that serves our standby. */
    const walsender = async () => (await server.query<{ pid: number }>("select pid from pg_stat_replication where state = 'streaming'"))[0]?.pid
    /** Ends the standby's connection and takes its slot, before it is back. */
    const dropSlot = () => server.query("select pg_terminate_backend(active_pid) from pg_replication_slots where active_pid is not null")
      .then(() => server.query("select pg_drop_replication_slot(slot_name) from pg_replication_slots")).then(() => true, () => false)
  })

  it("has left nothing in the end", async () => {
    for (const { id } of (await engine.client.listVdbs({ query: {} })).items) await succeeded(engine.client, await engine.client.deleteVdb({ params: { id } }))
    for (const { id } of (await engine.client.listDsources({ query: {} })).items) await succeeded(engine.client, await engine.client.deleteDsource({ params: { id } }))
    expect((await engine.client.examine()).items).toEqual([])
    expect(await inventory(engine.client, home, server)).toEqual({ datasets: [], mounts: expect.any(Array), slots: [], ports: [], vdbs: [], dsources: [], runs: [], privateDirectories: [] })
  })
})
