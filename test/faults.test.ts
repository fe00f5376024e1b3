import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { chmod, cp, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises"
import { createServer, type AddressInfo } from "node:net"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { execa } from "execa"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { buildPlugin } from "../packages/cli/src/author/build.ts"
import { createEngineHome, succeeded, type EngineHome, type EngineProcess } from "./support/engine.ts"
import { discover, ENVIRONMENT, link, linkRequest, prepare, provision, urlOf } from "./support/estate.ts"
import { failed, gone, inventory, processesOf, processOf, refused, reload, restart, stop, type Failure } from "./support/fault.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"
import { BIN, LACKS, queryUrl, startServer, type Server } from "./support/server.ts"

/** Slow enough to be met half way: the smallest cluster is 22 MB. */
const SLOW = { rateLimitKBps: 6000 }

describe.skipIf(LACKS !== undefined)(`what goes wrong${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, () => {
  let sandbox: Sandbox
  let server: Server
  let home: EngineHome
  let engine: EngineProcess

  beforeAll(async () => {
    sandbox = await createSandbox("faults")
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

  describe("on a host that is used by others", () => {
    const provisioning = async (name: string, parameters: Record<string, unknown>) => (await engine.client.provisionVdb({ body: { name, from: "base", parameters } })).job

    it("a port somebody listens on is refused", async () => {
      const listener = createServer().listen(0, "127.0.0.1")
      await once(listener, "listening")
      const { port } = listener.address() as AddressInfo
      await leavingNothing(async () => {
        expect(await failed(engine.client, await provisioning("refused", { port }))).toMatchObject({ code: "port_taken", message: expect.stringContaining(String(port)) })
      })
      listener.close()
      await once(listener, "close")
      await provision(engine.client, "first", "base", { port })
      expect(await answers("first")).toEqual([{ one: 1 }])
    })

    it("a port promised to another VDB is refused, even while that is disabled", async () => {
      const { sourceConfig } = await engine.client.showVdb({ params: { id: "first" } })
      await succeeded(engine.client, await engine.client.disableVdb({ params: { id: "first" } }))
      await leavingNothing(async () => {
        expect(await failed(engine.client, await provisioning("refused", { port: sourceConfig?.["port"] }))).toMatchObject({ code: "port_taken" })
      })
      await succeeded(engine.client, await engine.client.enableVdb({ params: { id: "first" } }))
      expect(await answers("first")).toEqual([{ one: 1 }])
    })

    it.each([0, 80, 65_536, -1, 6000.5, "6000"])("%j is refused as a port at once", async (port) => {
      await leavingNothing(async () => {
        expect(await refused(provisioning("refused", { port }))).toMatchObject({ status: 400, code: "invalid_request" })
      })
    })

    it("a mount that somebody works in stays, its VDB too, until they are gone", async () => {
      const { id } = await engine.client.showVdb({ params: { id: "first" } })
      const mount = join(home.dataDir, "mnt/vdb", id)
      const squatter = spawn("sleep", ["1000"], { cwd: mount })
      await leavingNothing(async () => {
        for (const request of [engine.client.disableVdb, (call: { params: { id: string } }) => engine.client.refreshVdb({ ...call, body: {} })]) {
          expect(await failed(engine.client, await request({ params: { id: "first" } }))).toMatchObject({ code: "mount_busy", message: expect.stringContaining(String(squatter.pid)) })
          expect(await answers("first")).toEqual([{ one: 1 }])
        }
      })
      squatter.kill()
      await once(squatter, "exit")
      await succeeded(engine.client, await engine.client.refreshVdb({ params: { id: "first" }, body: {} }))
      await succeeded(engine.client, await engine.client.disableVdb({ params: { id: "first" } }))
      await succeeded(engine.client, await engine.client.enableVdb({ params: { id: "first" } }))
      expect(await answers("first")).toEqual([{ one: 1 }])
    })

    it("a delete that a busy mount stopped is gone on with by the next", async () => {
      const { id } = await engine.client.showVdb({ params: { id: "first" } })
      const squatter = spawn("sleep", ["1000"], { cwd: join(home.dataDir, "mnt/vdb", id) })
      expect(await failed(engine.client, await engine.client.deleteVdb({ params: { id: "first" } }))).toMatchObject({ code: "mount_busy", message: expect.stringContaining(String(squatter.pid)) })
      expect((await engine.client.showVdb({ params: { id: "first" } })).state).toBe("deleting")
      squatter.kill()
      await once(squatter, "exit")
      await succeeded(engine.client, await engine.client.deleteVdb({ params: { id: "first" } }))
      expect((await engine.client.examine()).items).toEqual([])
    })

    it("programs that vanished are named, and a VDB that needs them starts once they are back", async () => {
      const bin = join(await mkdtemp("/opt/veneer-faults-"), "bin")
      sandbox.defer(() => rm(dirname(bin), { recursive: true, force: true }))
      await chmod(dirname(bin), 0o755)
      await cp(BIN ?? "", bin, { recursive: true })
      await symlink(join(BIN ?? "", "../lib"), join(dirname(bin), "lib"))
      await discover(engine.client)
      const { items } = await engine.client.listRepositories({ query: { environment: ENVIRONMENT, limit: 100 } })
      const repository = items.find(({ definition }) => definition["binDirectory"] === bin)?.id
      const { job } = await engine.client.provisionVdb({ body: { name: "orphan", from: "base", repository, parameters: {} } })
      await succeeded(engine.client, job)
      await rename(bin, `${bin}.away`)
      await leavingNothing(async () => {
        const another = await engine.client.provisionVdb({ body: { name: "refused", from: "base", repository, parameters: {} } })
        expect(await failed(engine.client, another.job)).toMatchObject({ code: "missing_binary", message: expect.stringContaining(bin) })
      })
      await succeeded(engine.client, await engine.client.stopVdb({ params: { id: "orphan" } }))
      await leavingNothing(async () => {
        expect(await failed(engine.client, await engine.client.startVdb({ params: { id: "orphan" } }))).toMatchObject({ code: "missing_binary", message: expect.stringContaining(bin) })
      })
      await rename(`${bin}.away`, bin)
      await succeeded(engine.client, await engine.client.startVdb({ params: { id: "orphan" } }))
      expect(await answers("orphan")).toEqual([{ one: 1 }])
      await rename(bin, `${bin}.away`)
      await succeeded(engine.client, await engine.client.deleteVdb({ params: { id: "orphan" } }))
      await discover(engine.client)
    })
  })

  describe("when two clients do the same thing at once", () => {
    it("one of two VDBs of one name is made, one of two links, too", async () => {
      const provisions = await Promise.allSettled([1, 2].map(() => engine.client.provisionVdb({ body: { name: "twin", from: "base", parameters: {} } })))
      const body = await linkRequest(engine.client, server, "twin")
      const links = await Promise.allSettled([1, 2].map(() => engine.client.linkDsource({ body })))
      for (const outcomes of [provisions, links]) {
        const won = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value.job] : []))
        const lost = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [Promise.reject(outcome.reason)] : []))
        expect(won).toHaveLength(1)
        expect(await refused(lost[0] ?? Promise.resolve())).toMatchObject({ status: 409, code: "name_taken" })
        for (const job of won) await succeeded(engine.client, job)
      }
      await succeeded(engine.client, await engine.client.deleteDsource({ params: { id: "twin" } }))
    })

    it("refreshes queue up, and deletes of the same VDB all end well", async () => {
      const refreshes = await Promise.all([1, 2, 3].map(() => engine.client.refreshVdb({ params: { id: "twin" }, body: {} })))
      for (const job of refreshes) await succeeded(engine.client, job)
      expect((await engine.client.showVdb({ params: { id: "twin" } })).generation).toBe(4)
      expect(await answers("twin")).toEqual([{ one: 1 }])
      const deletes = await Promise.all([1, 2].map(() => engine.client.deleteVdb({ params: { id: "twin" } })))
      for (const job of deletes) await succeeded(engine.client, job)
      expect((await engine.client.examine()).items).toEqual([])
    })
  })

  describe("in a plugin", () => {
    beforeAll(async () => {
      const { file } = await buildPlugin(fileURLToPath(new URL("support/rogue", import.meta.url)), { out: join(sandbox.path, "rogue") })
      await engine.client.uploadPlugin({ body: await readFile(file) })
      await discover(engine.client)
    })

    const linking = async (how: string) => (await engine.client.linkDsource({ body: { name: how, source: "rogue", parameters: { how } } })).job
    const works = async () => {
      await succeeded(engine.client, await linking("well"))
      await succeeded(engine.client, await engine.client.deleteDsource({ params: { id: "well" } }))
    }

    it.each([["throws", "plugin_failed"], ["exits", "plugin_exited"]])("one that %s fails its own job with %s, and the next works", async (how, code) => {
      await leavingNothing(async () => {
        expect(await failed(engine.client, await linking(how))).toMatchObject({ code, message: expect.stringContaining("rogue") })
      })
      await works()
    })

    it("one that spins is ended when its job is cancelled; what it kept waiting is told why, and the next works", async () => {
      await leavingNothing(async () => {
        const job = await linking("spins")
        await expect.poll(async () => (await engine.client.listJobLines({ params: { id: job.id } })).items.map(({ line }) => line), { timeout: 60_000, interval: 20 }).toContain("about to")
        const bystander = await linking("well")
        await provision(engine.client, "beside", "base")
        await succeeded(engine.client, await engine.client.deleteVdb({ params: { id: "beside" } }))
        await engine.client.cancelJob({ params: { id: job.id } })
        expect(await failed(engine.client, job, "cancelled")).toMatchObject({ code: "cancelled" })
        expect(await failed(engine.client, bystander)).toMatchObject({ code: "plugin_exited" })
      })
      await works()
    })
  })

  describe("in a pool that is full", () => {
    const POOL_BYTES = 512 * 1024 ** 2
    let filler: string

    beforeAll(async () => {
      await engine.client.createPool({ body: { name: "small", sizeBytes: POOL_BYTES } })
      filler = join(home.dataDir, "pools/small/filler")
    })

    /** Leaves so much room in the pool. */
    async function fill(leftBytes: number): Promise<void> {
      await free()
      const { capacity } = await engine.client.showPool({ params: { id: "small" } })
      await execa("fallocate", ["--length", String((capacity?.freeBytes ?? 0) - leftBytes), filler])
    }
    const free = async () => {
      await rm(filler, { force: true })
      await execa("btrfs", ["filesystem", "sync", dirname(filler)])
    }
    const linking = async () => (await engine.client.linkDsource({ body: { ...(await linkRequest(engine.client, server, "cramped")), pool: "small" } })).job
    const full = expect.stringMatching(/^(pool_full|disk_full)$/)

    it("a link fails, and leaves nothing", async () => {
      await fill(10 * 1024 ** 2)
      await leavingNothing(async () => {
        expect(await failed(engine.client, await linking())).toMatchObject({ code: full })
      })
    })

    it("a provision fails, and leaves nothing; once there is space it works", async () => {
      await free()
      await succeeded(engine.client, await linking())
      await fill(0)
      await leavingNothing(async () => {
        const { job } = await engine.client.provisionVdb({ body: { name: "refused", from: "cramped", parameters: {} } })
        expect(await failed(engine.client, job)).toMatchObject({ code: full })
      })
      await free()
      await provision(engine.client, "roomy", "cramped")
      expect(await answers("roomy")).toEqual([{ one: 1 }])
      await succeeded(engine.client, await engine.client.deleteVdb({ params: { id: "roomy" } }))
    })

    it("a sync fails; the last snapshot stands, and once there is space the next sync works", async () => {
      const before = await snapshotsOf("cramped")
      await fill(0)
      await server.query("create table wide as select repeat('x', 1000) as text from generate_series(1, 40000)")
      await leavingNothing(async () => {
        expect(await failed(engine.client, await engine.client.syncDsource({ params: { id: "cramped" }, body: {} }))).toMatchObject({ code: full })
      })
      expect(await snapshotsOf("cramped")).toEqual(before)
      await free()
      await succeeded(engine.client, await engine.client.syncDsource({ params: { id: "cramped" }, body: {} }))
      await provision(engine.client, "roomy", "cramped")
      expect(await queryUrl(await urlOf(engine.client, "roomy"), "select count(*)::int as rows from wide")).toEqual([{ rows: 40_000 }])
    })
  })

  it("has left nothing in the end", async () => {
    for (const { id } of (await engine.client.listVdbs({ query: {} })).items) await succeeded(engine.client, await engine.client.deleteVdb({ params: { id } }))
    for (const { id } of (await engine.client.listDsources({ query: {} })).items) await succeeded(engine.client, await engine.client.deleteDsource({ params: { id } }))
    expect((await engine.client.examine()).items).toEqual([])
    expect(await inventory(engine.client, home, server)).toEqual({ datasets: [], mounts: expect.any(Array), slots: [], ports: [], vdbs: [], dsources: [], runs: [], privateDirectories: [] })
  })
})
