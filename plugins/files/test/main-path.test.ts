import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { throwawayEngine, type ThrowawayEngine } from "@veneer/testkit"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { processesNaming } from "./processes.ts"
import { LACKS_SSHD, SLOWLY, startSshd, type Sshd } from "./sshd.ts"
import { listing, makeTree } from "./tree.ts"

const LACKS = LACKS_SSHD ?? (existsSync("/usr/lib/postgresql") ? undefined : "no PostgreSQL for the engine's catalog")

describe.skipIf(LACKS !== undefined)(`files by SSH in a real engine${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, () => {
  const folder = LACKS === undefined ? mkdtempSync(join(tmpdir(), "files-main-path-")) : ""
  const [tree, mount] = [join(folder, "tree"), join(folder, "staging")]
  let sshd: Sshd
  let engine: ThrowawayEngine
  let before: ReturnType<typeof listing>

  beforeAll(async () => {
    mkdirSync(tree)
    makeTree(tree)
    before = listing(tree)
    sshd = await startSshd(join(folder, "ssh"))
    engine = await throwawayEngine({ plugin: new URL("..", import.meta.url), driver: process.getuid?.() === 0 ? "btrfs" : "copy", poolSize: "1GiB" })
    await engine.client.addSourceConfig({ body: { environment: engine.environment, plugin: "files", definition: { path: tree } } })
  })

  afterAll(async () => {
    await engine?.stop()
    await sshd?.stop()
    if (folder !== "") rmSync(folder, { recursive: true })
  })

  const succeeded = async (job: Promise<{ id: string }>) => engine.succeeded(await job)
  const link = (name: string, parameters: Record<string, unknown>) => engine.client.linkDsource({ body: { name, source: tree, parameters } })
  const bySsh = (config: string) => ({ sourceAddress: sshd.address, username: sshd.user, port: sshd.port, sshConfig: config })
  const sync = (resync = false) => succeeded(engine.client.syncDsource({ params: { id: "docs" }, body: { resync } }))
  const provision = async (name: string, from: string, parameters: Record<string, unknown> = {}) => {
    const { vdb, job } = await engine.client.provisionVdb({ body: { name, from, parameters } })
    await engine.succeeded(job)
    return vdb
  }
  /** Where a VDB's directory is. */
  const directoryOf = async (name: string) => String((await engine.client.showVdb({ params: { id: name } })).sourceConfig?.["path"])

  it("finds rsync, and no directory that nobody entered", async () => {
    const { items } = await engine.client.listRepositories({ query: { environment: engine.environment, limit: 10 } })
    expect(items.map(({ name }) => name)).toEqual(["rsync"])
    const found = await engine.client.listSourceConfigs({ query: { environment: engine.environment, limit: 10 } })
    expect(found.items.map(({ name }) => name)).toEqual([tree])
  })

  it("says what to do where no login without a password is possible, and leaves nothing", async () => {
    const { job } = await link("docs", bySsh(sshd.client("stranger", { key: "stranger" })))
    const { job: { problem } } = await engine.finished(job)
    expect(problem).toMatchObject({ code: "ssh_denied", message: expect.stringContaining(`can't log in at ${sshd.user}@${sshd.address} without a password`) })
    expect(problem?.action).toContain(`ssh-copy-id -i ${folder}/ssh/stranger.pub -F ${folder}/ssh/stranger.config -p ${sshd.port} ${sshd.user}@${sshd.address}, then sync again.`)
    expect((await engine.client.listDsources({ query: {} })).items).toEqual([])
    expect((await engine.client.examine()).items).toEqual([])
  })

  it("links a directory, whose VDB is like it in everything", async () => {
    await succeeded(link("docs", { ...bySsh(sshd.client("good")), mountLocation: mount }).then(({ job }) => job))
    const at = join(folder, "vdb")
    await provision("first", "docs", { mountLocation: at })
    expect(await directoryOf("first")).toBe(at)
    expect(listing(at)).toEqual(before)
    expect((await engine.client.showVdbStatus({ params: { id: "first" } })).state).toBe("active")
    expect((await engine.client.showDsourceStatus({ params: { id: "docs" } })).state).toBe("active")
    expect(listing(tree)).toEqual(before)
  })

  it("syncs what came, changed and went; an older snapshot stays as it was", async () => {
    const [older] = (await engine.client.listSnapshots({ query: { dsource: "docs" } })).items
    writeFileSync(join(tree, "new"), "new")
    writeFileSync(join(tree, "sub/program"), "changed")
    rmSync(join(tree, "-rf"))
    const after = listing(tree)
    await sync()
    await succeeded(engine.client.refreshVdb({ params: { id: "first" }, body: {} }))
    expect(listing(await directoryOf("first"))).toEqual(after)
    await provision("old", older?.id ?? "")
    expect(listing(await directoryOf("old"))).toEqual(before)
    expect(listing(tree)).toEqual(after)
  })

  it("looks on a sync at sizes and times; a resync takes nothing for granted", async () => {
    const [original, copy] = [join(tree, "new"), join(mount, "new")]
    const { mtime } = statSync(original)
    writeFileSync(copy, "bad")
    utimesSync(copy, mtime, mtime)
    utimesSync(original, mtime, mtime)
    await sync()
    expect(readFileSync(copy, "utf8")).toBe("bad")
    await sync(true)
    expect(listing(mount)).toEqual(listing(tree))
  })

  it("rewinds a VDB to a snapshot of its own; the copy and other VDBs don't see what is written to it", async () => {
    const directory = await directoryOf("first")
    writeFileSync(join(directory, "mine"), "1")
    const { id } = await succeeded(engine.client.snapshotVdb({ params: { id: "first" } }))
    writeFileSync(join(directory, "mine"), "2")
    rmSync(join(directory, "sub"), { recursive: true })
    await succeeded(engine.client.rewindVdb({ params: { id: "first" }, body: { at: id } }))
    expect(readFileSync(join(directory, "mine"), "utf8")).toBe("1")
    expect(readdirSync(join(directory, "sub"))).toContain("private")
    for (const other of [mount, await directoryOf("old"), tree]) expect(readdirSync(other)).not.toContain("mine")
  })

  it("disables and enables, and has nothing to start or stop", async () => {
    const params = { id: "first" }
    const directory = await directoryOf("first")
    await succeeded(engine.client.disableVdb({ params }))
    expect(existsSync(join(directory, "mine"))).toBe(false)
    await succeeded(engine.client.enableVdb({ params }))
    expect(readFileSync(join(directory, "mine"), "utf8")).toBe("1")
    await expect(engine.client.stopVdb({ params })).rejects.toMatchObject({ code: "not_offered" })
    await succeeded(engine.client.disableDsource({ params: { id: "docs" } }))
    await succeeded(engine.client.enableDsource({ params: { id: "docs" } }))
    await sync()
  })

  it("creates an empty directory", async () => {
    const { job } = await engine.client.createEmptyVdb({ body: { name: "blank", plugin: "files", environment: engine.environment, parameters: {} } })
    await engine.succeeded(job)
    expect(readdirSync(await directoryOf("blank"))).toEqual([])
    await succeeded(engine.client.deleteVdb({ params: { id: "blank" } }))
  })

  it("takes source and staging that are one host", async () => {
    await succeeded(link("here", { sourceAddress: "localhost" }).then(({ job }) => job))
    await provision("near", "here")
    expect(listing(await directoryOf("near"))).toEqual(listing(tree))
  })

  it("tells how far a copy is, and can be cancelled on the way", async () => {
    const [large, target] = [join(folder, "large"), join(folder, "large-copy")]
    mkdirSync(large)
    writeFileSync(join(large, "file"), randomBytes(4_000_000))
    await engine.client.addSourceConfig({ body: { environment: engine.environment, plugin: "files", definition: { path: large } } })
    const parameters = { ...bySsh(sshd.client("slow", { forced: SLOWLY })), mountLocation: target }
    const { job } = await engine.client.linkDsource({ body: { name: "large", source: large, parameters } })
    const fraction = async () => (await engine.client.showJob({ params: { id: job.id } })).progress?.fraction ?? 0
    await expect.poll(fraction).toBeGreaterThan(0)
    expect(await fraction()).toBeLessThan(1)
    await engine.client.cancelJob({ params: { id: job.id } })
    expect((await engine.finished(job)).job.state).toBe("cancelled")
    expect(processesNaming(target)).toEqual([])
    expect((await engine.client.examine()).items).toEqual([])
  })

  it("leaves nothing when all is deleted", async () => {
    for (const id of ["near", "old", "first"]) await succeeded(engine.client.deleteVdb({ params: { id } }))
    for (const id of ["here", "docs"]) await succeeded(engine.client.deleteDsource({ params: { id }, query: {} }))
    expect((await engine.client.examine()).items).toEqual([])
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(folder)
  })
})
