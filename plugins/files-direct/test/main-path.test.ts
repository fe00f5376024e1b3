import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { throwawayEngine, type ThrowawayEngine } from "@veneer/testkit"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { listing, makeTree } from "../../files/test/tree.ts"

const IS_ROOT = process.getuid?.() === 0
const LACKS = existsSync("/usr/lib/postgresql") ? undefined : "no PostgreSQL for the engine's catalog"

describe.skipIf(LACKS !== undefined)(`files that a real engine pulls${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, () => {
  const folder = LACKS === undefined ? mkdtempSync(join(tmpdir(), "files-pulled-")) : ""
  const tree = join(folder, "tree")
  let engine: ThrowawayEngine
  let before: ReturnType<typeof listing>

  beforeAll(async () => {
    mkdirSync(tree)
    makeTree(tree)
    before = listing(tree)
    engine = await throwawayEngine({ plugin: new URL("..", import.meta.url), driver: IS_ROOT ? "btrfs" : "copy", poolSize: "1GiB" })
    await engine.client.addSourceConfig({ body: { environment: engine.environment, plugin: "files-direct", definition: { path: tree } } })
  })

  afterAll(async () => {
    await engine?.stop()
    if (folder !== "") rmSync(folder, { recursive: true })
  })

  const succeeded = async (job: Promise<{ id: string }>) => engine.succeeded(await job)
  const link = async (name: string, parameters: Record<string, unknown> = {}) => (await engine.client.linkDsource({ body: { name, source: tree, parameters } })).job
  const sync = (resync = false) => engine.client.syncDsource({ params: { id: "docs" }, body: { resync } })
  const refresh = () => succeeded(engine.client.refreshVdb({ params: { id: "first" }, body: {} }))
  const provision = async (name: string, from: string, parameters: Record<string, unknown> = {}) => engine.succeeded((await engine.client.provisionVdb({ body: { name, from, parameters } })).job)
  /** Where a VDB's directory is. */
  const directoryOf = async (name: string) => String((await engine.client.showVdb({ params: { id: name } })).sourceConfig?.["path"])

  it("links a directory, whose VDB is like it in everything", async () => {
    const { log } = await engine.finished(await link("docs"))
    expect(log.join("\n")).toMatch(/Copied \d+ files of \d+ bytes, removed 0/)
    expect((await engine.client.showDsource({ params: { id: "docs" } })).sizeBytes).toBeGreaterThan(50_000_000)
    const at = join(folder, "vdb")
    await provision("first", "docs", { mountLocation: at })
    expect(await directoryOf("first")).toBe(at)
    expect(listing(at)).toEqual(before)
    expect((await engine.client.showVdbStatus({ params: { id: "first" } })).state).toBe("active")
    expect(listing(tree)).toEqual(before)
  })

  it("syncs what came, changed and went; an older snapshot stays as it was", async () => {
    const [older] = (await engine.client.listSnapshots({ query: { dsource: "docs" } })).items
    writeFileSync(join(tree, "new"), "new")
    writeFileSync(join(tree, "sub/program"), "changed")
    rmSync(join(tree, "-rf"))
    const after = listing(tree)
    const { log } = await engine.finished(await sync())
    expect(log.join("\n")).toContain("Copied 2 files of 10 bytes, removed 1")
    await refresh()
    expect(listing(await directoryOf("first"))).toEqual(after)
    await provision("old", older?.id ?? "")
    expect(listing(await directoryOf("old"))).toEqual(before)
    expect(listing(tree)).toEqual(after)
  })

  it("looks on a sync at sizes and times; a resync takes nothing for granted", async () => {
    const { mtime } = statSync(join(tree, "new"))
    utimesSync(join(tree, "new"), mtime, mtime)
    await succeeded(sync())
    writeFileSync(join(tree, "new"), "own")
    utimesSync(join(tree, "new"), mtime, mtime)
    await succeeded(sync())
    await refresh()
    expect(readFileSync(join(await directoryOf("first"), "new"), "utf8")).toBe("new")
    await succeeded(sync(true))
    await refresh()
    expect(listing(await directoryOf("first"))).toEqual(listing(tree))
  })

  it("rewinds a VDB to a snapshot of its own, and nobody else sees what is written to it", async () => {
    const directory = await directoryOf("first")
    writeFileSync(join(directory, "mine"), "1")
    const { id } = await succeeded(engine.client.snapshotVdb({ params: { id: "first" } }))
    writeFileSync(join(directory, "mine"), "2")
    rmSync(join(directory, "sub"), { recursive: true })
    await succeeded(engine.client.rewindVdb({ params: { id: "first" }, body: { at: id } }))
    expect(readFileSync(join(directory, "mine"), "utf8")).toBe("1")
    for (const other of [await directoryOf("old"), tree]) expect(readdirSync(other)).not.toContain("mine")
  })

  it("disables, enables, and creates an empty directory", async () => {
    const params = { id: "first" }
    await succeeded(engine.client.disableVdb({ params }))
    await succeeded(engine.client.enableVdb({ params }))
    expect(readFileSync(join(await directoryOf("first"), "mine"), "utf8")).toBe("1")
    await engine.succeeded((await engine.client.createEmptyVdb({ body: { name: "blank", plugin: "files-direct", environment: engine.environment, parameters: {} } })).job)
    expect(readdirSync(await directoryOf("blank"))).toEqual([])
  })

  it("leaves out what it is told to", async () => {
    await engine.succeeded(await link("some", { exclude: ["/sub/", "*.tmp", "/sparse"] }))
    await provision("part", "some")
    expect(readdirSync(await directoryOf("part")).sort()).toEqual(readdirSync(tree).filter((name) => !["sub", "sparse"].includes(name)).sort())
  })

  it.skipIf(!IS_ROOT)(`says what its OS user may not read, and leaves nothing${IS_ROOT ? "" : " (skipped: not root)"}`, async () => {
    for (const path of [folder, tree]) chmodSync(path, 0o755)
    const { job: { problem } } = await engine.finished(await link("denied", { osUser: "nobody" }))
    expect(problem).toMatchObject({ code: "sync_incomplete", message: expect.stringContaining("as the OS user nobody"), output: expect.stringContaining("sub/private") })
    expect((await engine.client.listDsources({ query: {} })).items.map(({ name }) => name).sort()).toEqual(["docs", "some"])
  })

  it("leaves nothing when all is deleted", async () => {
    for (const id of ["part", "blank", "old", "first"]) await succeeded(engine.client.deleteVdb({ params: { id } }))
    for (const id of ["some", "docs"]) await succeeded(engine.client.deleteDsource({ params: { id }, query: {} }))
    expect((await engine.client.examine()).items).toEqual([])
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(folder)
  })
})
