import { chmod, mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { limits } from "@veneer/sdk/contract"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { buildPlugin } from "../packages/cli/src/author/build.ts"
import { createHosts } from "../packages/engine/src/environments/hosts.ts"
import type { Patience } from "../packages/engine/src/plugins/host.ts"
import { confine } from "../packages/engine/src/plugins/confinement.ts"
import { createPlugins } from "../packages/engine/src/plugins/plugins.ts"
import type { CallContext, Plugins } from "../packages/engine/src/plugins/port.ts"
import { runProgram } from "../packages/engine/src/system/program.ts"

const ROGUE = fileURLToPath(new URL("support/rogue", import.meta.url))

let folder = ""
let artifact: Buffer
let plugins: Plugins
let logged: string[] = []

const load = async (patience: Patience): Promise<Plugins> => {
  const storeDir = join(folder, "store")
  const hosts = createHosts({ dataDir: folder, engineId: "test-rogue", artifactsDir: storeDir })
  const made = createPlugins({ storeDir, engineId: "test-rogue", confinement: await confine({ engineId: "test-rogue", run: runProgram }), hosts, ports: () => Promise.resolve(1), references: async () => ({ problem: "refers to nothing" }), patience })
  await made.load(await made.install(artifact))
  return made
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "veneer-rogue-"))
  await chmod(folder, 0o755)
  artifact = await readFile((await buildPlugin(ROGUE, { out: join(folder, "built") })).file)
  plugins = await load({})
})

afterAll(async () => {
  await plugins?.close()
  await rm(folder, { recursive: true, force: true })
})

beforeEach(() => {
  logged = []
})

const context = (): CallContext => ({
  environment: { id: "1", name: "here", kind: "local" }, reason: "sync", key: "job/step", owner: undefined, signal: new AbortController().signal,
  log: (line) => logged.push(line), progress: () => undefined,
})

const called = (operation: string, how: string, on = plugins) => on.call("rogue", operation, { source: { id: "a", name: "a", parameters: { how } }, mounts: [folder], resync: true }, context())

/** A call that waits for ever, once it is under way. */
const waiting = async (on = plugins): Promise<{ ended: Promise<unknown> }> => {
  const ended = called("linked.preSnapshot", "waits", on).then(() => undefined, (error: unknown) => error)
  await expect.poll(() => logged).toContain("about to")
  return { ended }
}

const stillWorks = async (on = plugins) => {
  await called("linked.preSnapshot", "well", on)
  expect(await called("linked.postSnapshot", "", on)).toEqual({ at: "now" })
}

const MEMORY = "than 768 MiB of memory"
const HEAP = "than 256 MiB for JavaScript values"

describe("a plugin that breaks a promise fails its own operation, which says which promise; the next call works", () => {
  it.each([
    ["throws", "plugin_failed", "threw an error that is no UserError: out of order"],
    ["exits", "plugin_exited", "exited with code 7: a plugin ends its calls, and never its process"],
    ["aborts", "plugin_exited", "was killed by SIGABRT: a plugin ends its calls, and never its process"],
    ["throws in a timer", "plugin_exited", "exited with code 1: an error was thrown where nothing catches it"],
    ["writes garbage", "plugin_failed", "a line that is no JSON to descriptor 3, which is the SDK's alone"],
    ["writes nonsense", "plugin_failed", "that is no message of the plugin protocol"],
    ["leaks objects", "plugin_limit", HEAP],
    ["leaks text", "plugin_limit", HEAP],
    ["leaks buffers", "plugin_limit", MEMORY],
    ["leaks in a timer", "plugin_limit", MEMORY],
    ["floods its output", "plugin_limit", "printed more than 16 MiB"],
    ["floods its error output", "plugin_limit", "printed more than 16 MiB"],
    ["floods the log", "plugin_limit", "more than 16 MiB to log and progress"],
    ["floods the progress", "plugin_limit", "more than 16 MiB to log and progress"],
    ["says too much at once", "plugin_limit", "sent more than 64 MiB at once"],
    ["asks for too much at once", "plugin_limit", "while 64 requests of the same call were under way"],
    ["starts programs", "plugin_limit", "more than 256 processes and threads"],
    ["starts threads", "plugin_limit", "more than 256 processes and threads"],
    ["writes a file", "plugin_limit", "wrote a file on the engine's machine"],
  ])("%s: %s, %s", async (how, code, message) => {
    const failure: unknown = await called("linked.preSnapshot", how).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code, message: expect.stringMatching(/^rogue linked\.preSnapshot\b/), action: expect.stringMatching(/\w/) })
    expect(failure).toMatchObject({ message: expect.stringContaining(message) })
    await stillWorks()
  })

  it("one that never yields is ended once it has been silent for so long", async () => {
    const hasty = await load({ silentMs: 2_400 })
    await expect(called("linked.preSnapshot", "spins", hasty)).rejects.toMatchObject({ code: "plugin_timeout", message: expect.stringMatching(/^rogue linked\.preSnapshot: its process has not yielded for 2\.4 s: its code is stuck in a loop/) })
    await stillWorks(hasty)
    await hasty.close()
  })

  it("what it printed last is with the error of its end", async () => {
    await expect(called("linked.preSnapshot", "throws in a timer")).rejects.toMatchObject({ output: expect.stringContaining("Error: out of time") })
  })

  it("leaves no process that it started", async () => {
    await called("linked.preSnapshot", "starts programs").catch(() => undefined)
    await stillWorks()
    await stillWorks()
  })
})

describe("calls that are under way together in one process", () => {
  it.each([
    ["exits", "plugin_exited", "exited with code 7"], ["writes garbage", "plugin_failed", "no JSON"], ["leaks objects", "plugin_limit", HEAP], ["floods its output", "plugin_limit", "printed"],
  ])("each end with an error of their own name, which says who else may be to blame: %s", async (how, code, message) => {
    const { ended } = await waiting()
    const worker = called("linked.worker", "").catch((error: unknown) => error)
    const culprit = await called("linked.preSnapshot", how).catch((error: unknown) => error)
    for (const [failure, name, others] of [[culprit, "linked.preSnapshot", "rogue linked.preSnapshot, rogue linked.worker"], [await ended, "linked.preSnapshot", "rogue linked.worker, rogue linked.preSnapshot"], [await worker, "linked.worker", "rogue linked.preSnapshot"]] as const) {
      expect(failure).toMatchObject({ code })
      const text = String(failure)
      expect(text).toContain(`rogue ${name}: `)
      expect(text).toContain(message)
      expect(text).toMatch(new RegExp(`Another call in the same process may be to blame: .*${others.split(", ").at(-1)}`))
    }
    await stillWorks()
  })

  it.each([["floods the log", "to log and progress"], ["leaks buffers", MEMORY]])("when it is known which of them is to blame, the others are told, each by its own name: %s", async (how, message) => {
    const { ended } = await waiting()
    const worker = called("linked.worker", "").catch((error: unknown) => error)
    await expect(called("linked.preSnapshot", how)).rejects.toMatchObject({ code: "plugin_limit" })
    expect(await ended).toMatchObject({ code: "plugin_exited", message: expect.stringMatching(/^rogue linked\.preSnapshot: its process was ended because of another call: rogue linked\.preSnapshot: /) })
    expect(await worker).toMatchObject({ code: "plugin_exited", message: expect.stringMatching(/^rogue linked\.worker: its process was ended because of another call: rogue linked\.preSnapshot: /) })
    expect(String(await worker)).toContain(message)
    await stillWorks()
  })
})

it("the docs' page of limits names each, with its value", async () => {
  const page = await readFile(new URL("../packages/docs/limits.md", import.meta.url), "utf8")
  const rows = [...page.matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)].map(([, name, value]) => [name, value])
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(Object.entries(limits).map(([name, value]) => [name, shown(name, value)])))
})

function shown(name: string, value: number): string {
  if (name.endsWith("Ms")) return value % 60_000 === 0 ? `${value / 60_000} min` : `${value / 1_000} s`
  if (name.endsWith("Bytes")) return value % 2 ** 20 === 0 ? `${value / 2 ** 20} MiB` : `${value / 2 ** 10} KiB`
  return String(value)
}
