import { access, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { artifactOf } from "./support/artifact.ts"
import { succeeded } from "./support/engine.ts"
import { failed, refused } from "./support/fault.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"
import { LACKS } from "./support/server.ts"
import { startSteady, type Steady } from "./support/steady.ts"

const NOBODY = 65_534
/** The engine looks at nothing by itself. */
const NEVER = { tickMs: 3_600_000 }

describe.skipIf(LACKS !== undefined)(`every operation in every workflow${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, () => {
  let sandbox: Sandbox
  let steady: Steady

  beforeAll(async () => {
    sandbox = await createSandbox("steady")
    steady = await startSteady(sandbox, NEVER)
    await steady.link("base")
  })

  afterAll(async () => {
    await steady?.engine.stop()
    await sandbox?.clear()
  })

  const engine = () => steady.engine.client
  const settled = async () => expect((await engine().examine()).items).toEqual([])
  const provision = async (name: string, mounts: unknown, more: Record<string, unknown> = {}) => {
    await steady.tell(`vdb-${name}`, "active")
    return (await engine().provisionVdb({ body: { name, from: "base", parameters: { mounts: JSON.stringify(mounts), ...more } } })).job
  }
  const remove = async (name: string) => succeeded(engine(), await engine().deleteVdb({ params: { id: name } }))
  const idOf = async (name: string) => (await engine().showVdb({ params: { id: name } })).id
  const exists = (path: string) => access(path).then(() => true, () => false)
  const mounted = async (path: string) => (await readFile("/proc/self/mountinfo", "utf8")).split("\n").some((line) => line.split(" ")[4] === path)
  const since = async (length: number) => (await steady.journal()).slice(length)

  describe("mounts", () => {
    it("a dataset appears at several places, whole and in part, made where absent, and goes from all of them", async () => {
      const [whole, part, inside] = ["whole", "part", "whole/nested"].map((name) => join(sandbox.path, name))
      await succeeded(engine(), await provision("many", [{ path: whole }, { path: part, subdirectory: "logs/now" }, { path: inside, subdirectory: "inner" }]))
      expect(await steady.journal()).toContain(`configure many ${whole} ${part} ${inside}`)
      await writeFile(join(part ?? "", "here"), "x")
      expect(await readdir(join(whole ?? "", "logs/now"))).toEqual(["here"])
      expect(await exists(join(whole ?? "", "file-0"))).toBe(true)
      await succeeded(engine(), await engine().disableVdb({ params: { id: "many" } }))
      for (const path of [whole, part, inside]) expect(await mounted(path ?? "")).toBe(false)
      await steady.tell("vdb-many", "inactive")
      await succeeded(engine(), await engine().enableVdb({ params: { id: "many" } }))
      expect(await readdir(part ?? "")).toEqual(["here"])
      await succeeded(engine(), await engine().refreshVdb({ params: { id: "many" }, body: {} }))
      expect(await readdir(part ?? "")).toEqual([])
      await remove("many")
      for (const path of [whole, part, inside]) expect(await mounted(path ?? "")).toBe(false)
      await settled()
    })

    it("without paths they stand side by side where the engine likes, for as long as the VDB lives", async () => {
      await succeeded(engine(), await provision("own", [{}, { subdirectory: "a" }]))
      const path = join(steady.home.dataDir, "mnt/vdb", await idOf("own"))
      expect(await steady.journal()).toContain(`configure own ${path} ${path}-2`)
      await remove("own")
      await settled()
    })

    it.each([
      ["none", []], ["a relative path", [{ path: "srv/x" }]], ["a path twice", [{ path: "/srv/x" }, { path: "/srv/x/" }]],
      ["a way out", [{ subdirectory: "../other" }]], ["an absolute subdirectory", [{ subdirectory: "/etc" }]], ["a system directory", [{ path: "/etc/veneer" }]],
    ])("%s is refused, and nothing is left", async (_, mounts) => {
      const failure = await failed(engine(), await provision("refused", mounts))
      expect(["plugin_output_invalid", "mount_unsafe"]).toContain(failure.code)
      expect((await refused(engine().showVdb({ params: { id: "refused" } }))).code).toBe("not_found")
      await settled()
    })

    it("a subdirectory that is a symbolic link out of the dataset is refused", async () => {
      const { id } = await engine().showDsource({ params: { id: "base" } })
      const live = join(steady.home.dataDir, "pools/default/dsource", id, "live")
      await symlink("/etc", join(live, "out"))
      await succeeded(engine(), await engine().syncDsource({ params: { id: "base" }, body: {} }))
      expect((await failed(engine(), await provision("linked", [{}, { subdirectory: "out" }]))).code).toBe("path_unsafe")
      expect((await failed(engine(), await provision("deeper", [{ subdirectory: "out/ssh" }]))).code).toBe("path_unsafe")
      await rm(join(live, "out"))
      await succeeded(engine(), await engine().syncDsource({ params: { id: "base" }, body: {} }))
      await settled()
    })

    it("files belong to whom the plugin says", async () => {
      await succeeded(engine(), await provision("owned", [{}], { owner: NOBODY }))
      const path = join(steady.home.dataDir, "mnt/vdb", await idOf("owned"))
      for (const file of [path, join(path, "file-0")]) expect((await stat(file)).uid).toBe(NOBODY)
      await remove("owned")
      await steady.link("owned-source", { owner: NOBODY }, "two")
      const { id } = await engine().showDsource({ params: { id: "owned-source" } })
      expect((await stat(join(steady.home.dataDir, "mnt/dsource", id))).uid).toBe(NOBODY)
      await succeeded(engine(), await engine().deleteDsource({ params: { id: "owned-source" }, query: {} }))
      await settled()
    })

    it("a dSource may have several, too", async () => {
      await steady.link("several", { mounts: JSON.stringify([{}, { subdirectory: "wal" }]) }, "two")
      const { id } = await engine().showDsource({ params: { id: "several" } })
      const path = join(steady.home.dataDir, "mnt/dsource", id)
      expect((await readdir(path)).sort()).toEqual(["file-0", "wal"])
      expect(await readdir(`${path}-2`)).toEqual(["file-1"])
      await succeeded(engine(), await engine().disableDsource({ params: { id: "several" } }))
      expect(await mounted(path)).toBe(false)
      await succeeded(engine(), await engine().enableDsource({ params: { id: "several" } }))
      expect(await steady.journal()).toContain("start staging several 2")
      await succeeded(engine(), await engine().deleteDsource({ params: { id: "several" }, query: {} }))
      expect(await steady.journal()).toContain("stop staging several delete")
      await settled()
    })
  })

  describe("VDBs that begin empty", () => {
    it("are initialized on an empty dataset, run, are snapshotted, and go with all their traces", async () => {
      await steady.tell("vdb-fresh", "active")
      const before = (await steady.journal()).length
      const { vdb, job } = await engine().createEmptyVdb({ body: { name: "fresh", plugin: "steady", environment: steady.environment } })
      await succeeded(engine(), job)
      const path = join(steady.home.dataDir, "mnt/vdb", vdb.id)
      expect(await since(before)).toEqual([`initialize fresh ${path}`])
      expect(await engine().showVdb({ params: { id: "fresh" } })).toMatchObject({ state: "active", sourceConfig: { name: "fresh" } })
      expect((await engine().listSnapshots({ query: { vdb: "fresh" } })).items).toHaveLength(1)
      await writeFile(join(path, "mine"), "x")
      await succeeded(engine(), await engine().rewindVdb({ params: { id: "fresh" }, body: {} }))
      expect(await readdir(path)).toEqual([])
      expect((await refused(engine().refreshVdb({ params: { id: "fresh" }, body: {} }))).code).toBe("wrong_state")
      const middle = (await steady.journal()).length
      await remove("fresh")
      expect(await since(middle)).toEqual(["unconfigure fresh delete", "cleanup fresh"])
      await settled()
    })

    it("are not offered by a plugin without initialize", async () => {
      await engine().uploadPlugin({ body: await artifactOf(sandbox, "rogue") })
      expect((await refused(engine().createEmptyVdb({ body: { name: "x", plugin: "rogue", environment: steady.environment } }))).code).toBe("not_offered")
    })
  })

  describe("starting and stopping", () => {
    it("calls start and stop, and believes the status, not the call", async () => {
      await succeeded(engine(), await provision("up", [{}]))
      await steady.tell("vdb-up", "inactive")
      await succeeded(engine(), await engine().stopVdb({ params: { id: "up" } }))
      expect((await engine().showVdb({ params: { id: "up" } })).state).toBe("inactive")
      const failure = await failed(engine(), await engine().startVdb({ params: { id: "up" } }))
      expect(failure.code).toBe("wrong_state")
      await steady.tell("vdb-up", "degraded|Half of it is up.")
      await succeeded(engine(), await engine().startVdb({ params: { id: "up" } }))
      expect((await steady.journal()).filter((line) => line.endsWith(" up"))).toEqual(["stop up", "start up", "start up"])
      await remove("up")
    })

    it("an enable asks first: what is active is not configured again", async () => {
      await succeeded(engine(), await provision("gate", [{}]))
      await succeeded(engine(), await engine().disableVdb({ params: { id: "gate" } }))
      const before = (await steady.journal()).length
      await succeeded(engine(), await engine().enableVdb({ params: { id: "gate" } }))
      expect(await since(before)).toEqual([])
      await succeeded(engine(), await engine().disableVdb({ params: { id: "gate" } }))
      await steady.tell("vdb-gate", "inactive")
      await succeeded(engine(), await engine().enableVdb({ params: { id: "gate" } }))
      expect(await since(before)).toEqual(["unconfigure gate disable", "reconfigure gate"])
      await remove("gate")
    })
  })

  describe("sources", () => {
    const discover = async () => succeeded(engine(), await engine().refreshEnvironment({ params: { id: steady.environment } }))
    const sources = async () => Object.fromEntries((await engine().listSourceConfigs({ query: { plugin: "steady" } })).items.map(({ name, vanishedAt, manual }) => [name, `${manual ? "manual" : "found"}${vanishedAt === undefined ? "" : " gone"}`]))
    const add = (definition: unknown, plugin = "steady") => engine().addSourceConfig({ body: { environment: steady.environment, plugin, definition: definition as Record<string, unknown> } })

    it("entered by hand are held against the schema, kept as they are by every discovery, and can be linked", async () => {
      const { id } = await add({ name: "mine", port: 7 })
      await discover()
      expect(await sources()).toEqual({ one: "found", two: "found", mine: "manual" })
      await steady.tell("sources", "one\ntwo\nmine")
      await discover()
      expect((await engine().showSourceConfig({ params: { id } })).definition).toEqual({ name: "mine", port: 7 })
      await steady.tell("sources", "one\ntwo")
      await discover()
      expect(await sources()).toEqual({ one: "found", two: "found", mine: "manual" })
      await steady.link("of-mine", {}, "mine")
      expect((await engine().listSnapshots({ query: { dsource: "of-mine" } })).items[0]?.metadata).toEqual({ of: "mine" })
      expect((await refused(engine().removeSourceConfig({ params: { id: "mine" } }))).code).toBe("in_use")
      await succeeded(engine(), await engine().deleteDsource({ params: { id: "of-mine" }, query: {} }))
      await engine().removeSourceConfig({ params: { id: "mine" } })
      expect(await sources()).toEqual({ one: "found", two: "found" })
    })

    it("are refused where they don't fit, are there already, or the plugin wants none", async () => {
      expect(await refused(add({ name: "" }))).toMatchObject({ code: "invalid_request" })
      expect(await refused(add({ name: "x", port: "no" }))).toMatchObject({ code: "invalid_request", message: expect.stringContaining("/definition/port") })
      expect(await refused(add({ name: "one" }))).toMatchObject({ code: "name_taken" })
      expect(await refused(add({ name: "rogue-2" }, "rogue"))).toMatchObject({ code: "not_offered" })
      expect(await refused(engine().removeSourceConfig({ params: { id: "two" } }))).toMatchObject({ code: "wrong_state" })
    })

    it("that vanish are forgotten, but marked while something uses them; they come back as the same", async () => {
      const { id } = await engine().showSourceConfig({ params: { id: "one" } })
      await steady.tell("sources", "three")
      await discover()
      expect(await sources()).toEqual({ one: "found gone", three: "found" })
      expect(await refused(engine().linkDsource({ body: { name: "late", source: "one" } }))).toMatchObject({ code: "wrong_state" })
      await succeeded(engine(), await engine().syncDsource({ params: { id: "base" }, body: {} }))
      await steady.tell("repositories", "")
      await discover()
      expect((await engine().listRepositories({ query: { plugin: "steady" } })).items).toMatchObject([{ name: "main", vanishedAt: expect.any(String) }])
      await steady.tell("repositories", "main")
      await steady.tell("sources", "one\ntwo")
      await discover()
      expect(await sources()).toEqual({ one: "found", two: "found" })
      expect((await engine().showSourceConfig({ params: { id: "one" } })).id).toBe(id)
    })

    it("a discovery that fails changes nothing", async () => {
      await steady.forget("sources")
      await mkdir(`/tmp/${steady.environment}/sources`)
      await failed(engine(), await engine().refreshEnvironment({ params: { id: steady.environment } }))
      expect(await sources()).toEqual({ one: "found", two: "found" })
      await rm(`/tmp/${steady.environment}/sources`, { recursive: true })
      await steady.tell("sources", "one\ntwo")
    })
  })
})
