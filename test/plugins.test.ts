import { Secret } from "@veneer/sdk"
import { chmod, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { buildPlugin } from "../packages/cli/src/author/build.ts"
import { createHosts } from "../packages/engine/src/environments/hosts.ts"
import type { Hosts } from "../packages/engine/src/environments/port.ts"
import { confine } from "../packages/engine/src/plugins/confinement.ts"
import { uidOf } from "../packages/engine/src/plugins/identities.ts"
import { createPlugins } from "../packages/engine/src/plugins/plugins.ts"
import type { CallContext, Plugins, PluginValue } from "../packages/engine/src/plugins/port.ts"
import { until } from "../packages/engine/src/until.ts"
import { runProgram } from "../packages/engine/src/system/program.ts"

const TRICKY = fileURLToPath(new URL("support/tricky", import.meta.url))
const PASSWORD = "planted p@ss'word-7d1"
const isRoot = process.getuid?.() === 0

let folder = ""
let hosts: Hosts
let plugins: Plugins

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "veneer-plugins-"))
  await chmod(folder, 0o755)
  const storeDir = join(folder, "store")
  hosts = createHosts({ dataDir: folder, engineId: "test-plugins", artifactsDir: storeDir })
  plugins = createPlugins({ storeDir, engineId: "test-plugins", confinement: await confine({ engineId: "test-plugins", run: runProgram }), hosts, ports: async (_, { range: [first] = [0] }) => first + 1, references: async () => ({ problem: "refers to nothing" }), patience: { deadlineMs: 1_500, graceMs: 500 } })
  const built = await buildPlugin(TRICKY, { out: join(folder, "built") })
  await plugins.load(await plugins.install(await readFile(built.file)))
})

afterAll(async () => {
  await plugins.close()
  await rm(folder, { recursive: true, force: true })
})

let logged: string[] = []
let moved: object[] = []
beforeEach(() => {
  logged = []
  moved = []
})

const context = (more: Partial<CallContext> = {}): CallContext => ({
  environment: { id: "1", name: "here", kind: "local" }, reason: "sync", key: "job/step", owner: undefined, signal: new AbortController().signal,
  log: (line) => logged.push(line), progress: (progress) => moved.push(progress), ...more,
})

const discover = (path: string, more?: Partial<CallContext>) => plugins.call("tricky", "discovery.sourceConfigs", { repository: { path } }, context(more))

const source = (mode: string, text = ""): PluginValue => ({ source: { id: "abc", name: "a", parameters: { mode, text, password: new Secret(PASSWORD) } }, mounts: [folder], resync: true })
const ingest = (mode: string, text?: string, more?: Partial<CallContext>) => plugins.call("tricky", "linked.preSnapshot", source(mode, text), context(more))

/** An operation of a linked source that answers with the text it is given. */
const on = (operation: string, text: string, mode = "") => plugins.call("tricky", operation, { ...source(mode, text), snapshot: { at: "then" } }, context())

const stillWorks = async () => expect(await plugins.call("tricky", "discovery.repositories", {}, context())).toEqual([{ path: "fine" }])

describe("what an operation returns", () => {
  test("comes back with its password fields as secrets", async () => {
    const [config] = await discover("fine")
    const password = config?.["password"]
    expect(password instanceof Secret && password.reveal()).toBe("found-secret")
  })

  test.each([
    ["text", "must be a list of sourceConfig definitions; got \"text\""],
    ["wrong", "/1/name must be string; got 5"],
    ["twins", "/2 must differ in name from the one at /0"],
    ["clear", "/0/note holds a secret, but is not declared format: password; got \"[secret]\""],
  ])("is refused when it is %s, saying where and what came", async (path, message) => {
    const called = discover(path)
    await expect(called).rejects.toMatchObject({ code: "plugin_output_invalid" })
    await expect(called).rejects.toThrow("tricky discovery.sourceConfigs")
    await expect(called).rejects.toThrow(message)
  })

  test.each([
    [{ mounts: [{ path: "/mnt/a" }, { subdirectory: "wal/now" }], ownership: { uid: 5, gid: 6 } }, undefined],
    [{ mounts: [] }, "/mounts"], [{ mounts: [{ path: "mnt" }] }, "/mounts/0/path"], [{ mounts: [{ path: "/a" }, { path: "/a/" }] }, "/mounts/1/path"],
    [{ mounts: [{ subdirectory: "../x" }] }, "/mounts/0/subdirectory"], [{ mounts: [{ subdirectory: "/x" }] }, "/mounts/0/subdirectory"], [{}, "/mounts"],
  ])("mounts are held against the contract: %j", async (specification, pointer) => {
    const called = plugins.call("tricky", "linked.mountSpecification", source("", JSON.stringify(specification)), context())
    const outcome = await called.catch((error: unknown) => error)
    expect(outcome).toMatchObject(pointer === undefined ? specification : { code: "plugin_output_invalid", faults: [{ pointer }] })
  })

  test("health, bytes and a part of a snapshot are held against theirs", async () => {
    expect(await on("linked.status", "degraded")).toEqual({ state: "degraded" })
    await expect(on("linked.status", "fine")).rejects.toThrow("/state must be one of")
    expect(await on("linked.sourceSize", "7")).toBe(7)
    await expect(on("linked.sourceSize", "-1")).rejects.toMatchObject({ code: "plugin_output_invalid" })
    expect(await on("linked.publish", "")).toEqual({ verified: true })
    await expect(on("linked.publish", "", "wrong")).rejects.toThrow("/verified must be boolean")
  })
})

describe("a plugin that misbehaves costs its own call", () => {
  test.each([
    ["throws", "plugin_failed", "out of order"], ["throws-text", "plugin_failed", "just text"], ["code", "plugin_failed", "a function, which is no JSON"],
    ["exits", "plugin_exited", "exited with code 7"], ["spins", "plugin_timeout", "within 1.5 s"], ["hangs", "plugin_timeout", "within 1.5 s"],
    ["garbage", "plugin_failed", "a line that is no JSON"], ["nonsense", "plugin_failed", "no message of the plugin protocol"], ["foreign", "plugin_failed", "not a connection"],
  ])("%s: %s, and the next call works", async (path, code, message) => {
    const called = discover(path)
    await expect(called).rejects.toMatchObject({ code })
    await expect(called).rejects.toThrow(message)
    await stillWorks()
  })

  test("its own error reaches the person unchanged", async () => {
    await expect(discover("user")).rejects.toMatchObject({ name: "UserError", message: "The port is taken.", code: "port_is_taken", action: "Choose another.", output: "bind: in use" })
  })

  test("a promise it forgot is only logged, and what it floods is cut", async () => {
    await discover("forgets")
    expect(await until(() => plugins.log("tricky").lines().some(({ line }) => line.includes("Nobody awaited")), { deadlineMs: 5_000 })).toBe(true)
    expect(await discover("floods")).toEqual([])
    expect(plugins.log("tricky").lines().length).toBeLessThanOrEqual(500)
  })

  test("a command it did not wait for is stopped, and none can be started after the call", async () => {
    const started = performance.now()
    await discover("leaves")
    expect(performance.now() - started).toBeLessThan(5_000)
    await discover("late")
    expect(await until(() => plugins.log("tricky").lines().some(({ line }) => line.includes("end with their call")), { deadlineMs: 5_000 })).toBe(true)
  })

  test("its process is an OS user of its own, has a clean environment and stands in its artifact", async () => {
    await discover("who")
    const seen: { env: string[]; cwd: string } = JSON.parse(logged[0] ?? "")
    expect(seen.env).toEqual(["LANG", "PATH", "VENEER_ENGINE"])
    expect(seen.cwd.startsWith(join(folder, "store"))).toBe(true)
    expect(seen).toMatchObject(isRoot ? { uid: uidOf("test-plugins", "tricky"), gid: uidOf("test-plugins", "tricky"), groups: [uidOf("test-plugins", "tricky")] } : { uid: process.getuid?.() })
  })
})

describe("cancelling", () => {
  test.each(["obeys", "hangs", "spins"])("ends a handler that %s", async (path) => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 100)
    await expect(discover(path, { signal: controller.signal })).rejects.toMatchObject({ code: "cancelled" })
    await stillWorks()
  })

  test("ends the command that runs, all of it", async () => {
    const controller = new AbortController()
    await expect(ingest("wait", "", { signal: controller.signal, log: () => controller.abort() })).rejects.toMatchObject({ code: "cancelled" })
    const pid = (await readFile(join(folder, "pid"), "utf8")).trim()
    expect(await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).toBe("")
  })
})

describe("scripts", () => {
  test("get hostile values as they are, hide secrets from what they start, and answer typed", async () => {
    const text = "it's \"$HOME\" `id` $(id)\n\t-rf ü漢😀 \\ !"
    await ingest("echo", text)
    expect(logged[0]).toBe("hello")
    expect(moved).toEqual([{ fraction: 0.25, message: "quarter" }])
    expect(JSON.parse(logged[1] ?? "")).toEqual({ text, exported: "hidden", password: "[secret]", same: true, is: true })
  })

  test.each([
    ["fail", "disk_full", "The disk is full."], ["exit", "script_failed", "misbehave.sh ended with exit code 5."], ["wrong", "script_output_invalid", "/n must be integer"],
    ["silent", "script_output_invalid", "emitted nothing"], ["twice", "script_output_invalid", "not one JSON document"], ["chatty", "script_output_invalid", "not one JSON document"],
    ["huge", "output_too_large", "more than 8 MiB"], ["short", "script_timeout", "within 0.2 s"], ["check", "script_failed", "bash ended with exit code 9."], ["unknown", "plugin_failed", "no script"],
  ])("that %s: %s", async (mode, code, message) => {
    const called = ingest(mode)
    await expect(called).rejects.toMatchObject({ code })
    await expect(called).rejects.toThrow(message)
  })

  test("their errors can be told apart and caught in the handler", async () => {
    await ingest("catch")
    expect(logged.at(-1)).toBe("disk_full 5")
  })

  test("inline commands take variables and input, and secrets never on a command line", async () => {
    await ingest("inline", "a 'b' $c\n")
    expect(logged.at(-1)).toBe("[3,true,true,true]")
  })

  test("detached, each runs once for a step however often the step is repeated", async () => {
    await ingest("detached", join(folder, "counted"))
    await ingest("detached", join(folder, "counted"))
    expect(logged.filter((line) => line.startsWith("["))).toEqual([`[{"starts":1},{"starts":2}]`, `[{"starts":1},{"starts":2}]`])
    const host = hosts.host({ name: "here", kind: "local" })
    for (const key of await host.listDetached()) await host.discardDetached(key)
  })

  test("a port comes from the engine", async () => {
    expect(await discover("port")).toEqual([{ name: "6001" }])
  })
})

test("a secret is nowhere: not in log, progress, message, action or output", async () => {
  const thrown: unknown[] = []
  for (const mode of ["leak", "fail", "exit"]) await ingest(mode).catch((error: unknown) => thrown.push(error))
  expect(thrown).toHaveLength(3)
  const shown = [...logged, ...moved.map((progress) => JSON.stringify(progress)), ...thrown.map((error) => (error instanceof Error ? error.message + JSON.stringify(error) : ""))].join("\n")
  expect(shown).toContain("[secret]")
  expect(shown).not.toContain("planted")
})

/** The artifact of a changed copy. */
async function variant(name: string, change: (entry: string) => string): Promise<Buffer> {
  const copy = join(folder, name)
  await cp(TRICKY, copy, { recursive: true })
  await writeFile(join(copy, "src/index.ts"), change(await readFile(join(copy, "src/index.ts"), "utf8")))
  return readFile((await buildPlugin(copy)).file)
}

describe("installing", () => {
  test("a plugin that can't be started where it lands is refused, and its folder removed", async () => {
    const before = await readdir(join(folder, "store"))
    const artifact = await variant("unfit", (entry) => `${entry}\nif (process.argv.includes("describe")) throw new Error("not on this machine")\n`)
    const installing = plugins.install(artifact)
    await expect(installing).rejects.toMatchObject({ code: "artifact_invalid" })
    await expect(installing).rejects.toThrow("not on this machine")
    expect(await readdir(join(folder, "store"))).toEqual(before)
  })

  test("a plugin that says something else than its manifest is refused", async () => {
    const artifact = await variant("liar", (entry) => entry.replace('id: "tricky"', 'id: process.argv.includes("describe") ? "other" : "tricky"'))
    await expect(plugins.install(artifact)).rejects.toThrow("says something else than its manifest about id")
  })

  test("a plugin that was unloaded is unknown, and loading it again serves calls", async () => {
    const artifact = await readFile(join(folder, "built", "tricky.veneer.tgz"))
    const installed = await plugins.install(artifact)
    await plugins.unload("tricky")
    expect(() => plugins.manifest("tricky")).toThrow(expect.objectContaining({ code: "not_found" }))
    await plugins.load(installed)
    expect(plugins.offers("tricky", "virtual.start")).toBe(false)
    expect(plugins.log("tricky").lines()).not.toEqual([])
    await expect(plugins.call("tricky", "virtual.start", {}, context())).rejects.toMatchObject({ code: "not_offered" })
    await stillWorks()
  })

  test("what a person gave is accepted with defaults and secrets, or refused by field", async () => {
    expect(await plugins.accept("tricky", "linkedSource", { password: "x" }, "/parameters")).toEqual({ mode: "echo", text: "", password: expect.any(Secret) })
    await expect(plugins.accept("tricky", "linkedSource", { mode: 1 }, "/parameters")).rejects.toMatchObject({ code: "invalid_request" })
  })
})

