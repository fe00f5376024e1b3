import { chmod, chown, mkdir, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { artifactOf } from "./support/artifact.ts"
import { createEngineHome, finished, succeeded, type EngineHome, type EngineProcess, type Incident } from "./support/engine.ts"
import { failed, refused } from "./support/fault.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"
import { LACKS } from "./support/server.ts"

const NOBODY = 65_534

describe.skipIf(LACKS !== undefined)(`a plugin with direct ingestion${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, () => {
  let sandbox: Sandbox
  let home: EngineHome
  let engine: EngineProcess
  let tree = ""

  beforeAll(async () => {
    sandbox = await createSandbox("direct")
    tree = join(sandbox.path, "tree")
    await mkdir(join(tree, "sub"), { recursive: true })
    await writeFile(join(tree, "sub/a"), "one")
    await writeFile(join(tree, "secret"), "mine", { mode: 0o600 })
    for (const path of ["", "sub", "sub/a", "secret"]) await chown(join(tree, path), NOBODY, NOBODY)
    home = createEngineHome(sandbox)
    engine = await home.start()
    await engine.client.uploadPlugin({ body: await artifactOf(sandbox, "mirror") })
    await succeeded(engine.client, (await engine.client.addEnvironment({ body: { name: "here", kind: "local" } })).job)
  })

  afterAll(async () => {
    await engine?.stop()
    await sandbox?.clear()
  })

  const link = async (name: string, parameters: Record<string, unknown> = {}) => (await engine.client.linkDsource({ body: { name, source: "tree", parameters: { path: tree, ...parameters } } })).job
  const sync = (name: string, body: { resync?: boolean; parameters?: Record<string, unknown> } = {}) => engine.client.syncDsource({ params: { id: name }, body })
  const live = async (name: string) => join(home.dataDir, "pools/default/dsource", (await engine.client.showDsource({ params: { id: name } })).id, "live")
  const linesOf = async ({ id }: { id: string }) => (await engine.client.listJobLines({ params: { id }, query: { limit: 500 } })).items.map(({ line }) => line)
  const newest = async (name: string) => (await engine.client.listSnapshots({ query: { dsource: name } })).items[0]
  const settled = async () => expect((await engine.client.examine()).items).toEqual([])

  it("links, is read as the user its plugin names, and is published on a clone of its own", async () => {
    const job = await succeeded(engine.client, await link("trees", { user: "nobody" }))
    expect(await linesOf(job)).toContain('moved {"files":2,"bytes":7,"deleted":0}')
    expect(await readFile(join(await live("trees"), "secret"), "utf8")).toBe("mine")
    expect(await newest("trees")).toMatchObject({ state: "published", metadata: { how: "anew", published: true } })
    expect((await engine.client.showDsource({ params: { id: "trees" } })).sizeBytes).toBeGreaterThan(7)
    expect(await readdir(await live("trees"))).toEqual(["secret", "sub"])
    await settled()
  })

  it("has no staging to be chosen, and nothing is mounted for it", async () => {
    const refusal = await refused(engine.client.linkDsource({ body: { name: "x", source: "tree", staging: "here", parameters: { path: tree } } }))
    expect(refusal.code).toBe("invalid_request")
    const { id } = await engine.client.showDsource({ params: { id: "trees" } })
    expect(await readFile("/proc/self/mountinfo", "utf8")).not.toContain(id)
  })

  it("syncs what changed only, and a VDB of each snapshot is as the tree was then", async () => {
    const before = await newest("trees")
    await writeFile(join(tree, "sub/b"), "two")
    await rm(join(tree, "secret"))
    const job = await succeeded(engine.client, await sync("trees"))
    expect(await linesOf(job)).toContain('moved {"files":1,"bytes":3,"deleted":1}')
    const mount = join(sandbox.path, "old")
    await succeeded(engine.client, (await engine.client.provisionVdb({ body: { name: "old", from: before?.id ?? "", parameters: { mount } } })).job)
    const { vdb, job: provisioning } = await engine.client.provisionVdb({ body: { name: "new", from: "trees" } })
    await succeeded(engine.client, provisioning)
    expect((await readdir(mount)).sort()).toEqual(["published", "secret", "sub"])
    expect(await readdir(join(home.dataDir, "mnt/vdb", vdb.id, "sub"))).toEqual(["a", "b"])
    await writeFile(join(mount, "sub/a"), "changed here")
    expect(await readFile(join(await live("trees"), "sub/a"), "utf8")).toBe("one")
    await succeeded(engine.client, await engine.client.refreshVdb({ params: { id: "old" }, body: {} }))
    expect((await readdir(mount)).sort()).toEqual(["published", "sub"])
    for (const id of ["old", "new"]) await succeeded(engine.client, await engine.client.deleteVdb({ params: { id } }))
    await settled()
  })

  it("starts over on a resync; one that fails leaves the dataset as it was", async () => {
    await writeFile(join(await live("trees"), "stray"), "not of the source")
    await succeeded(engine.client, await sync("trees", { resync: true }))
    expect(await readdir(await live("trees"))).toEqual(["sub"])
    expect(await newest("trees")).toMatchObject({ metadata: { how: "anew" } })
    await writeFile(join(await live("trees"), "mark"), "before")
    await failed(engine.client, await sync("trees", { resync: true, parameters: { fail: true } }))
    expect(await readdir(await live("trees"))).toEqual(["mark", "sub"])
    await settled()
  })

  it("an engine killed at any moment of a resync takes it to an end, and nothing is left", async () => {
    const moments: Pick<Incident, "step" | "moment">[] = [
      { step: "empty", moment: "begun" }, { step: "empty", moment: "happened" }, { step: "ingest", moment: "happened" }, { step: "forget-former", moment: "begun" }, { step: "forget-former", moment: "happened" },
    ]
    for (const moment of moments) {
      await engine.plan([{ job: "sync", ...moment, act: "kill" }])
      const job = await sync("trees", { resync: true })
      await engine.ended
      engine = await home.start()
      await succeeded(engine.client, job)
      expect(await readdir(await live("trees")), JSON.stringify(moment)).toEqual(["sub"])
      await settled()
    }
    await writeFile(join(await live("trees"), "mark"), "before")
    for (const moment of ["undoing", "undone"] as const) {
      await engine.plan([{ job: "sync", step: "empty", moment, act: "kill" }])
      const job = await sync("trees", { resync: true, parameters: { fail: true } })
      await engine.ended
      engine = await home.start()
      expect((await finished(engine.client, job)).state).toBe("failed")
      expect(await readdir(await live("trees")), moment).toEqual(["mark", "sub"])
      await settled()
    }
  })

  it("what may not be read fails the sync with the file's name, and the last snapshot stands", async () => {
    const before = await newest("trees")
    await writeFile(join(tree, "roots"), "x", { mode: 0o600 })
    await chmod(join(tree, "roots"), 0o600)
    const failure = await failed(engine.client, await sync("trees"))
    expect(failure.code).toBe("sync_incomplete")
    expect(failure.output).toContain("roots")
    expect(await newest("trees")).toEqual(before)
    await rm(join(tree, "roots"))
  })

  it("a first ingestion that fails leaves nothing", async () => {
    const failure = await failed(engine.client, await link("never", { path: join(tree, "none") }))
    expect(failure.code).toBe("file_missing")
    expect((await engine.client.listDsources({ query: {} })).items.map(({ name }) => name)).toEqual(["trees"])
    await settled()
  })

  it("a directory inside the dataset is made, and a symbolic link on the way is refused", async () => {
    await succeeded(engine.client, await link("inside", { to: "deep/er" }))
    expect(await readdir(join(await live("inside"), "deep/er"))).toEqual(["sub"])
    await rm(join(await live("inside"), "deep"), { recursive: true })
    await symlink(sandbox.path, join(await live("inside"), "deep"))
    expect((await failed(engine.client, await sync("inside"))).code).toBe("path_unsafe")
    expect((await failed(engine.client, await link("out", { to: "../x" }))).code).toBe("plugin_failed")
  })

  it("is disabled, enabled and deleted like any other", async () => {
    await succeeded(engine.client, await engine.client.disableDsource({ params: { id: "trees" } }))
    expect((await refused(sync("trees"))).code).toBe("wrong_state")
    await succeeded(engine.client, await engine.client.enableDsource({ params: { id: "trees" } }))
    await succeeded(engine.client, await sync("trees"))
    for (const id of ["trees", "inside"]) await succeeded(engine.client, await engine.client.deleteDsource({ params: { id }, query: {} }))
    expect((await readdir(join(home.dataDir, "pools/default"))).filter((name) => ["dsource", "snapshot", "image", "publish"].includes(name))).toEqual([])
    await settled()
  })
})
