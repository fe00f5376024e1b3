import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { createClient, type Client } from "@veneer/engine/client"
import { execa } from "execa"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { initPlugin } from "../packages/cli/src/author/init.ts"
import { succeeded } from "./support/engine.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"
import { LACKS } from "./support/server.ts"

const ROOT = fileURLToPath(new URL("..", import.meta.url))
const CLI = join(ROOT, "packages/cli/dist/main.js")

/** A `veneer plugin dev` with what it has printed. */
interface Dev {
  child: ChildProcess
  said: () => string
  stage: string
  client: Client
}

describe.skipIf(LACKS !== undefined)(`veneer plugin dev${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, () => {
  let sandbox: Sandbox
  let plugin = ""
  let source = ""

  beforeAll(async () => {
    sandbox = await createSandbox("author-dev")
    plugin = join(sandbox.path, "trial")
    await initPlugin(plugin, { id: "trial", name: "Trial", ingestion: "staged" })
    await symlink(join(ROOT, "node_modules"), join(plugin, "node_modules"))
    await mkdir(join(sandbox.path, "tmp"), { mode: 0o711 })
    source = await mkdtemp("/tmp/trial-source-")
    sandbox.defer(() => rm(source, { recursive: true }))
    await writeFile(join(source, ".trial"), "")
  })

  afterAll(() => sandbox?.clear())

  const entry = () => join(plugin, "src/index.ts")
  let text = ""
  beforeEach(() => {
    text = readFileSync(entry(), "utf8")
  })
  afterEach(async () => {
    await writeFile(entry(), text)
    for (const { child } of running.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill("SIGINT")
      await once(child, "exit")
    }
  })

  const running: Pick<Dev, "child" | "said">[] = []
  const stages = () => readdirSync(join(sandbox.path, "tmp")).filter((name) => name.startsWith("veneer-dev-"))

  async function start(...options: string[]): Promise<Dev> {
    const child = spawn(process.execPath, [CLI, "plugin", "dev", plugin, ...options], { stdio: ["ignore", "pipe", "pipe"], env: { PATH: process.env["PATH"], TMPDIR: join(sandbox.path, "tmp"), COLUMNS: "80" } })
    let said = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()))
    const dev = { child, said: () => said }
    running.push(dev)
    await expect.poll(dev.said).toContain("Ctrl-C takes everything down.")
    const dataDir = /VENEER_DATA_DIR=(\S+)/.exec(said)?.[1] ?? ""
    const { url } = JSON.parse(readFileSync(join(dataDir, "engine.json"), "utf8")) as { url: string }
    return { ...dev, stage: join(dataDir, ".."), client: createClient({ url, token: readFileSync(join(dataDir, "token"), "utf8").trim() }) }
  }

  /** Nothing of a stage is there: no folder, process, mount or loop device. */
  async function expectNothingLeft(stage: string): Promise<void> {
    await expect.poll(() => existsSync(stage)).toBe(false)
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(stage)
    expect((await execa("losetup", ["--list"])).stdout).not.toContain(stage)
    const commands = () => readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8")
      } catch {
        return ""
      }
    })
    // Whoever removed the folder ends right after it.
    await expect.poll(() => commands().filter((command) => command.includes(stage))).toEqual([])
  }

  async function provision({ client }: Dev): Promise<void> {
    const { items } = await client.listSourceConfigs({ query: { limit: 100 } })
    const found = items.find(({ name }) => name === source)
    await succeeded(client, (await client.linkDsource({ body: { name: "demo", source: found?.id ?? "", parameters: {} } })).job)
    await succeeded(client, (await client.provisionVdb({ body: { name: "demo-1", from: "demo", parameters: {} } })).job)
  }

  it("loads the plugin, reloads it on every kind of save, keeps the last good one, and takes all down on Ctrl-C", async () => {
    const dev = await start()
    const { client, said, child, stage } = dev
    expect(said()).toMatch(/veneer dsource link demo --source \w+\n +veneer vdb provision demo-1 --from demo\n/)
    const buildOf = async () => (await client.showPlugin({ params: { id: "trial" } })).version

    await writeFile(entry(), text.replace('version: "0.1.0"', 'version: "0.1.1"'))
    await expect.poll(buildOf).toBe("0.1.1")
    // As many editors save: another file in the place of the old one.
    await writeFile(`${entry()}.new`, text.replace('version: "0.1.0"', 'version: "0.1.2"'))
    await rename(`${entry()}.new`, entry())
    await expect.poll(buildOf).toBe("0.1.2")

    await writeFile(entry(), text.replace("definePlugin({", "definePlugin({{"))
    await expect.poll(said).toMatch(/src\/index\.ts:9:30\n[^]*the engine keeps the last good one/)
    expect(await buildOf()).toBe("0.1.2")
    await provision(dev)
    await expect.poll(said).toContain("[provision demo-1] succeeded")

    await mkdir(join(plugin, "src/more"))
    await writeFile(join(plugin, "src/more/version.ts"), `console.log("a word of the plugin's")\nexport const version: number = "0.1.3"\n`)
    await writeFile(entry(), text.replace('version: "0.1.0"', "version: String(version)").replace("import { definePlugin }", 'import { version } from "./more/version.ts"\nimport { definePlugin }'))
    await expect.poll(buildOf).toBe("0.1.3")
    await expect.poll(said).toContain("[log] a word of the plugin's")
    await expect.poll(said).toMatch(/src\/more\/version\.ts:2:14\n +TS2322[^]*\[types\] 1 error/)
    await writeFile(join(plugin, "src/more/version.ts"), `export const version: string = "0.1.4"\n`)
    await expect.poll(buildOf).toBe("0.1.4")
    await expect.poll(said).toContain("[types] fit again")

    child.kill("SIGINT")
    await once(child, "exit")
    expect(child.exitCode, said()).toBe(0)
    expect(said()).toMatch(/Deleting VDB demo-1[^]*Deleting dSource demo[^]*Nothing is left\.\n$/)
    await expectNothingLeft(stage)
  })

  it.each(["SIGTERM", "SIGHUP", "SIGKILL"] as const)("leaves nothing after %s", async (signal) => {
    const dev = await start()
    await provision(dev)
    dev.child.kill(signal)
    await once(dev.child, "exit")
    await expectNothingLeft(dev.stage)
  })

  it("takes down at its next start what is left when what would have taken it down is killed, too", async () => {
    const { child, stage } = await start()
    const { guard } = JSON.parse(readFileSync(join(stage, "stage.json"), "utf8")) as { guard: { pid: number } }
    process.kill(guard.pid, "SIGKILL")
    child.kill("SIGKILL")
    await once(child, "exit")
    expect(existsSync(stage)).toBe(true)
    const { said } = await start()
    expect(said()).toContain(`Taking down ${stage}`)
    await expectNothingLeft(stage)
  })

  it("starts with a broken plugin, too, and loads it once it is mended", async () => {
    await writeFile(entry(), text.replace('id: "trial"', 'id: "Trial!"'))
    const starting = start()
    await expect.poll(() => running.at(-1)?.said()).toContain("it is loaded once they are mended")
    expect(stages()).toHaveLength(1)
    await writeFile(entry(), text)
    const { child, stage } = await starting
    child.kill("SIGINT")
    await expectNothingLeft(stage)
  })

  it("leaves the engine running with --keep, and takes it down with --down", async () => {
    const { child, said, stage, client } = await start("--keep")
    child.kill("SIGINT")
    await once(child, "exit")
    expect(said()).toContain(`veneer plugin dev --down ${stage}`)
    expect(await client.showEngine()).toMatchObject({ version: expect.any(String) })
    const { stdout } = await execa(process.execPath, [CLI, "plugin", "dev", "--down", stage])
    expect(stdout).toBe("Nothing is left.")
    await expectNothingLeft(stage)
  })
})
