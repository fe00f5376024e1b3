import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmod, cp, mkdtemp, readFile, rename, rm, symlink } from "node:fs/promises"
import { createServer, type AddressInfo } from "node:net"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { execa } from "execa"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { buildPlugin } from "../packages/cli/src/author/build.ts"
import { createEngineHome, succeeded, type EngineHome, type EngineProcess } from "./support/engine.ts"
import { discover, ENVIRONMENT, link, linkRequest, prepare, provision, urlOf } from "./support/estate.ts"
import { failed, inventory, refused } from "./support/fault.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"
import { BIN, LACKS, queryUrl, startServer, type Server } from "./support/server.ts"

describe.skipIf(LACKS !== undefined)(`what goes wrong on the host, in storage and in plugins${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, () => {
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
    await link(engine.client, server, "base")
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

  const snapshotsOf = async (dsource: string) => (await engine.client.listSnapshots({ query: { dsource } })).items.map(({ id, state }) => `${id} ${state}`)
  const answers = async (vdb: string) => queryUrl(await urlOf(engine.client, vdb), "select 1 as one")

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

    it("a VDB whose job is cancelled goes with it: one that waits, and one whose hook runs", async () => {
      // The image that the first one has published stays for those to come.
      const rest = async () => ({ ...(await inventory(engine.client, home, server)), datasets: (await inventory(engine.client, home, server)).datasets.filter((name) => !name.includes("/image/")) })
      const before = await rest()
      const hooks = { "configure-clone": "echo waiting; sleep 1000" }
      const [first, second] = await Promise.all(["waits", "held"].map((name) => engine.client.provisionVdb({ body: { name, from: "twin", parameters: {}, hooks } })))
      if (!first || !second) throw new Error("both were asked for")
      const [running, queued] = (await isRunning(first.job)) ? [first, second] : [second, first]
      await expect.poll(async () => (await engine.client.showJob({ params: { id: running.job.id } })).steps.at(-1)?.name, { timeout: 60_000, interval: 20 }).toBe("configure-clone")
      expect((await engine.client.showJob({ params: { id: queued.job.id } })).state).toBe("queued")
      for (const { vdb, job } of [queued, running]) {
        await engine.client.cancelJob({ params: { id: job.id } })
        expect(await failed(engine.client, job, "cancelled")).toMatchObject({ code: "cancelled" })
        expect(await refused(engine.client.showVdb({ params: { id: vdb.id } }))).toMatchObject({ code: "not_found" })
      }
      expect((await engine.client.examine()).items).toEqual([])
      expect(await rest()).toEqual(before)
    })

    const isRunning = async ({ id }: { id: string }) => {
      await expect.poll(async () => (await engine.client.listJobs({ query: { state: "running" } })).items, { timeout: 60_000, interval: 20 }).not.toEqual([])
      return (await engine.client.showJob({ params: { id } })).state === "running"
    }

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
