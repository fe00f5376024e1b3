import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { execa } from "execa"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createEngineHome, type EngineHome, type EngineProcess } from "./support/engine.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"
import { LACKS } from "./support/server.ts"

const ROOT = fileURLToPath(new URL("..", import.meta.url))
const CLI = join(ROOT, "packages/cli/dist/main.js")

describe.skipIf(LACKS !== undefined)(`an author's afternoon${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, () => {
  let sandbox: Sandbox
  let home: EngineHome
  let engine: EngineProcess

  beforeAll(async () => {
    sandbox = await createSandbox("authoring")
    home = createEngineHome(sandbox)
    engine = await home.start()
  })

  afterAll(async () => {
    await engine?.stop()
    await sandbox?.clear()
  })

  const veneer = (argv: readonly string[], cwd = sandbox.path) =>
    execa(process.execPath, [CLI, ...argv], { cwd, reject: false, stdin: "ignore", env: { VENEER_DATA_DIR: home.dataDir, NO_COLOR: "1" } })

  /** A command that has to go well, with what it printed as JSON. */
  async function well<T = unknown>(...argv: string[]): Promise<T> {
    const { exitCode, stdout, stderr } = await veneer([...argv, "--json"])
    expect({ exitCode, stderr, stdout: exitCode === 0 ? "" : stdout }).toEqual({ exitCode: 0, stderr: "", stdout: "" })
    return JSON.parse(stdout) as T
  }

  describe.each(["staged", "direct"] as const)("with a %s plugin", (ingestion) => {
    const id = `my-${ingestion}`
    const plugin = () => join(sandbox.path, id)
    let source = ""

    beforeAll(async () => {
      source = await mkdtemp(`/tmp/${id}-`)
      sandbox.defer(() => rm(source, { recursive: true }))
      await mkdir(join(source, "deep"))
      await Promise.all([writeFile(join(source, `.${id}`), ""), writeFile(join(source, "deep/notes.txt"), "first\n"), writeFile(join(source, "gone.txt"), "soon\n")])
    })

    it("writes it, finds no fault, and passes its own tests", async () => {
      await well("plugin", "init", plugin(), `--${ingestion}`, "--name", "My source")
      await symlink(join(ROOT, "node_modules"), join(plugin(), "node_modules"))
      expect(await well("plugin", "check", plugin())).toEqual({ faults: [], notes: [] })
      const { exitCode, stdout, stderr } = await veneer(["plugin", "test", "--", "--reporter=json"], plugin())
      expect(exitCode, stderr + stdout).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({ success: true, numFailedTests: 0 })
      expect((JSON.parse(stdout) as { numPassedTests: number }).numPassedTests).toBeGreaterThan(20)
    })

    it("builds it, and takes it from the artifact to a VDB that follows its source", async () => {
      const { file } = await well<{ file: string }>("plugin", "build", plugin())
      await well("plugin", "upload", file)
      await well("environment", "add", `here-${ingestion}`)
      const { items } = await well<{ items: { id: string; name: string }[] }>("source", "list", "--environment", `here-${ingestion}`)
      const found = items.find(({ name }) => name === source)
      await well("dsource", "link", `linked-${ingestion}`, "--source", found?.id ?? "")
      await well("vdb", "provision", `dev-${ingestion}`, "--from", `linked-${ingestion}`)
      const { sourceConfig } = await engine.client.showVdb({ params: { id: `dev-${ingestion}` } })
      const directory = String(sourceConfig?.["directory"])
      expect(await readFile(join(directory, "deep/notes.txt"), "utf8")).toBe("first\n")
      expect(await well("vdb", "status", `dev-${ingestion}`)).toMatchObject({ state: "active" })

      await writeFile(join(source, "deep/notes.txt"), "second\n")
      await rm(join(source, "gone.txt"))
      await well("dsource", "sync", `linked-${ingestion}`)
      expect(await readFile(join(directory, "deep/notes.txt"), "utf8")).toBe("first\n")
      await well("vdb", "refresh", `dev-${ingestion}`)
      expect(await readFile(join(directory, "deep/notes.txt"), "utf8")).toBe("second\n")
      await expect(readFile(join(directory, "gone.txt"))).rejects.toMatchObject({ code: "ENOENT" })
    })

    it("takes it all away again", async () => {
      await well("vdb", "delete", `dev-${ingestion}`, "--yes")
      await well("dsource", "unlink", `linked-${ingestion}`, "--yes")
      await well("environment", "remove", `here-${ingestion}`, "--yes")
      expect((await engine.client.examine()).items).toEqual([])
    })
  })
})

describe("what an author does wrong is told with the next move, and exit code 2", () => {
  let folder = ""
  beforeAll(async () => {
    folder = await mkdtemp(join(ROOT, "node_modules/.veneer-authoring-"))
    await mkdir(join(folder, "used"))
    await writeFile(join(folder, "used/notes.txt"), "")
  })
  afterAll(() => rm(folder, { recursive: true }))

  it.each([
    [["init", "used", "--staged"], "veneer plugin init <directory>"], [["init", "new"], "--staged"], [["init", "new", "--staged", "--direct"], "one of --staged and --direct"],
    [["init", "new", "--staged", "--id", "No Id"], "--id my-source"], [["init", "new", "--direct", "--name", "\t"], "--name"],
    [["init", "new", "--staged", "--schema", "used/notes.txt"], "Unexpected end of JSON input"], [["init", "new", "--direct", "--schema", "nowhere.json"], "no such file"],
    [["check", "nowhere"], "veneer plugin init nowhere"], [["build", "nowhere"], "veneer plugin init nowhere"], [["dev", "nowhere"], "veneer plugin init nowhere"], [["dev", "--down", "used"], "--keep"],
    [["test", "used", "link"], "-- -t link"], [["upload", "nowhere.tgz"], "no such file"], [["chekc"], "check"],
  ])("plugin %j", async (argv, next) => {
    const { exitCode, stderr, stdout } = await execa(process.execPath, [CLI, "plugin", ...argv], { cwd: folder, reject: false, stdin: "ignore", env: { NO_COLOR: "1" } })
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" })
    expect(stderr.replaceAll(/\s+/g, " ")).toContain(next)
    for (const line of stderr.split("\n")) expect(line.length).toBeLessThanOrEqual(80)
  })

  it("plugin test, without tests and without vitest", async () => {
    const { stdout } = await execa(process.execPath, [CLI, "plugin", "init", "bare", "--direct", "--json"], { cwd: folder })
    expect(JSON.parse(stdout)).toMatchObject({ id: "bare", files: expect.arrayContaining(["test/plugin.test.ts"]) })
    await rm(join(folder, "bare/test"), { recursive: true })
    const { exitCode, stderr } = await execa(process.execPath, [CLI, "plugin", "test", "bare"], { cwd: folder, reject: false })
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining("pluginSuite") })
  })
})
