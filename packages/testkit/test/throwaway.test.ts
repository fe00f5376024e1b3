import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { throwawayEngine, type ThrowawayEngine } from "../src/index.ts"

const LACKS = existsSync("/usr/lib/postgresql") ? undefined : "no PostgreSQL for the engine's catalog"
const skipped = LACKS === undefined ? "" : ` (skipped: ${LACKS})`

/** Whether anything works below a folder, or has it on its command line. */
const isInUse = (folder: string) => readdirSync("/proc").filter((name) => /^\d+$/.test(name)).some((pid) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder)
  } catch {
    return false
  }
})

describe.skipIf(LACKS !== undefined)(`a throwaway engine${skipped}`, () => {
  const [journal, lost] = [mkdtempSync("/tmp/journal-"), mkdtempSync("/tmp/journal-")]
  let engine: ThrowawayEngine
  beforeAll(async () => {
    writeFileSync(join(journal, "monday.txt"), "monday\n")
    engine = await throwawayEngine({ plugin: new URL("./journal", import.meta.url) })
  })
  afterAll(async () => {
    rmSync(journal, { recursive: true })
    await engine.stop()
  })
  const sourceOf = async (folder: string) => (await engine.client.listSourceConfigs({ query: { environment: engine.environment, limit: 100 } })).items.find(({ name }) => name === folder)?.id ?? ""

  it("takes a plugin's folder, and does with it what an engine does", async () => {
    const { client } = engine
    const { job } = await client.linkDsource({ body: { name: "diary", source: await sourceOf(journal), parameters: {} } })
    expect((await engine.finished(job)).log).toContain(`copying ${journal}`)
    const { vdb, job: provision } = await client.provisionVdb({ body: { name: "copy", from: "diary", parameters: {} } })
    expect(await engine.succeeded(provision)).toMatchObject({ kind: "provision", state: "succeeded" })
    const { sourceConfig } = await client.showVdb({ params: { id: vdb.id } })
    expect(readdirSync(String(sourceConfig?.["folder"]))).toEqual(["monday.txt"])
  })

  it("tells what a job failed with, and its log", async () => {
    const { client } = engine
    rmSync(lost, { recursive: true })
    const { job } = await client.linkDsource({ body: { name: "nothing", source: await sourceOf(lost), parameters: {} } })
    await expect(engine.succeeded(job)).rejects.toThrow(`link failed: [folder_missing] There is no folder ${lost}. Enter the folder of a journal.`)
  })

  it("says what is wrong with a plugin that can't be built", async () => {
    await expect(engine.upload(new URL("./notes", import.meta.url))).rejects.toThrow(/The plugin in .*notes\/? can't be built/)
  })

  it("leaves nothing when it is stopped", async () => {
    const other = await throwawayEngine()
    await other.stop()
    expect(existsSync(other.dataDir)).toBe(false)
    expect(isInUse(other.dataDir)).toBe(false)
  })

  it("goes with the process that started it", async () => {
    const text = `
      import { throwawayEngine } from "@veneer/testkit/engine"
      const { dataDir } = await throwawayEngine()
      console.log(dataDir)
      setInterval(() => {}, 1000)
    `
    const parent = spawn(process.execPath, ["--input-type=module", "--eval", text], { cwd: new URL("..", import.meta.url), stdio: ["ignore", "pipe", "inherit"] })
    const [line] = (await once(parent.stdout.setEncoding("utf8"), "data")) as [string]
    const dataDir = line.trim()
    expect(isInUse(dataDir)).toBe(true)
    parent.kill("SIGKILL")
    await expect.poll(() => existsSync(dataDir) || isInUse(dataDir)).toBe(false)
  })
})
