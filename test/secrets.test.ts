import { randomBytes } from "node:crypto"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { createClient, type Client, type Fetch } from "@veneer/engine/client"
import { execa } from "execa"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { artifactOf } from "./support/artifact.ts"
import { createEngineHome, type EngineHome, type EngineProcess } from "./support/engine.ts"
import { filesWith, startSampler, type Sampler } from "./support/planted.ts"
import { createSandbox, type Sandbox } from "./support/sandbox.ts"
import { BIN, LACKS } from "./support/server.ts"

/** Stands in every secret, however that is quoted; of this run alone. */
const PLANTED = `pl4nted${randomBytes(6).toString("hex")}`
/** With the marks before and after it by which a part of one shows, too. */
const secretOf = (what: string) => `"${what}\\'${PLANTED}/$x%ü ${PLANTED.toUpperCase()}`

const PARAMETER = secretOf("parameter")
const GIVEN = secretOf("given")
const KEPT = secretOf("kept")
const SYNCED = secretOf("synced")

/** What the plugin does with what it was given, and what its job comes to. */
const WAYS: readonly (readonly [string, string | undefined])[] = [
  ["logs", undefined], ["moves", undefined], ["prints", undefined], ["throws", "plugin_failed"], ["throws text", "plugin_failed"], ["throws an object", "plugin_failed"], ["throws a name", "plugin_failed"],
  ["throws at a person", "is_[secret]"], ["throws in a timer", "plugin_exited"], ["forgets", undefined], ["exits", "plugin_exited"], ["writes garbage", "plugin_failed"], ["asks wrongly", "plugin_failed"],
  ["asks for a script", "plugin_failed"], ["reads a file", "file_missing"], ["asks for credentials", "credentials_missing"], ["echoes", "script_failed"], ["hands it on", undefined], ["detached", undefined],
  ["script says", undefined], ["script fails", "code_of_[secret]"], ["script ends", "script_failed"], ["script ends in the middle", "script_failed"], ["script chatters", "script_output_invalid"],
  ["script misfits", "script_output_invalid"], ["script traces", undefined], ["script hides", undefined],
  ["returns a secret in a plain field", "plugin_output_invalid"], ["returns something else", "plugin_output_invalid"], ["returns a name", "plugin_output_invalid"], ["returns it cut", "plugin_output_invalid"],
  ["returns it where it may", undefined],
]

describe.skipIf(LACKS !== undefined)(`a secret that a plugin does its best to tell${LACKS === undefined ? "" : ` (skipped: ${LACKS})`}`, () => {
  let sandbox: Sandbox
  let home: EngineHome
  let engine: EngineProcess
  let client: Client
  let sampler: Sampler
  /** Everything the engine answered, but streams. */
  const replies: string[] = []
  /** By address. */
  const streamed: Record<string, string> = {}

  const recording: Fetch = async (address, init) => {
    const response = await globalThis.fetch(address, init)
    if (init.headers["accept"] !== "text/event-stream") replies.push(`${init.method} ${address}\n${await response.clone().text()}`)
    return response
  }

  /** Reads a stream of events until the test ends. */
  function follow(url: string, token: string): void {
    const controller = new AbortController()
    const reading = (async () => {
      const { body } = await fetch(url, { headers: { accept: "text/event-stream", authorization: `Bearer ${token}` }, signal: controller.signal })
      const decoder = new TextDecoder()
      for await (const chunk of body ?? []) streamed[url] = (streamed[url] ?? "") + decoder.decode(chunk, { stream: true })
    })().catch((error: unknown) => {
      if (!controller.signal.aborted) replies.push(`${url} broke: ${String(error)}`)
    })
    sandbox.defer(async () => {
      controller.abort()
      await reading
    })
  }

  /** The logins a dSource or VDB can have: given outright, and by reference. */
  const logins = { given: { type: "password", username: "app", password: GIVEN }, kept: { type: "reference", reference: "file:kept" } } as const

  beforeAll(async () => {
    sandbox = await createSandbox("secrets")
    const stores = join(sandbox.path, "stores")
    await mkdir(stores, { mode: 0o700 })
    await writeFile(join(stores, "kept"), JSON.stringify({ username: "app", password: KEPT }), { mode: 0o600 })
    await writeFile(join(sandbox.path, "stores.json"), JSON.stringify({ file: { directory: stores } }))
    home = createEngineHome(sandbox, { driver: "copy", config: { secrets: join(sandbox.path, "stores.json"), jobs: 2 } })
    engine = await home.start()
    const { url } = JSON.parse(await readFile(join(home.dataDir, "engine.json"), "utf8")) as { url: string }
    const token = (await readFile(join(home.dataDir, "token"), "utf8")).trim()
    client = createClient({ url, token, fetch: recording })
    follow(`${url}/api/v1/events`, token)
    await client.uploadPlugin({ body: await artifactOf(sandbox, "leaky") })
    follow(`${url}/api/v1/plugins/leaky/logs/events`, token)
    await client.addEnvironment({ body: { name: "here", kind: "local" } })
    await ended((await client.refreshEnvironment({ params: { id: "here" } })).id)
    sampler = await startSampler(PLANTED)
    sandbox.defer(() => sampler.stop())
  })

  afterAll(() => sandbox?.clear())

  const ended = async (id: string) => client.watchJob(id, { onLine: ({ line }) => replies.push(`line ${line}`) })

  it.each(WAYS)("reaches nobody's eyes from a plugin that %s: %s", async (how, code) => {
    const login = WAYS.findIndex(([name]) => name === how) % 2 === 0 ? logins.given : logins.kept
    const { job } = await client.linkDsource({ body: { name: how, source: "leaky", parameters: { how, password: PARAMETER, login } } })
    expect((await ended(job.id)).problem?.code).toBe(code)
  })

  it("reaches nobody's eyes from a sync with a secret of its own, nor from a VDB", async () => {
    const job = await client.syncDsource({ params: { id: "script says" }, body: { parameters: { passphrase: SYNCED } } })
    expect((await ended(job.id)).state).toBe("succeeded")
    for (const how of ["logs", "script says", "throws at a person", "writes garbage", "returns a name"]) {
      const made = await client.provisionVdb({ body: { name: `vdb ${how}`, from: "logs", parameters: { how, password: PARAMETER, login: logins.kept } } })
      expect((await ended(made.job.id)).state).toBe(how === "logs" || how === "script says" ? "succeeded" : "failed")
    }
  })

  it("is in no command line, and in the environment of that process alone which was handed it", async () => {
    const seen = await sampler.stop()
    expect(seen.filter((one) => !(one.startsWith("environ: ") && one.includes("HANDED=on")))).toEqual([])
    expect(seen.length, "the process that was handed it").toBeGreaterThan(0)
  })

  it("is in no answer, log, event or error", async () => {
    for (const { id } of (await client.listJobs({ query: { limit: 500 } })).items) {
      await client.showJob({ params: { id } })
      await client.listJobLines({ params: { id }, query: { limit: 500 } })
    }
    for (const { id } of (await client.listDsources({ query: { limit: 500 } })).items) await client.showDsource({ params: { id } })
    for (const { id } of (await client.listVdbs({ query: { limit: 500 } })).items) await client.showVdb({ params: { id } })
    for (const { id } of (await client.listSnapshots({ query: { limit: 500 } })).items) await client.showSnapshot({ params: { id } })
    await client.examine()
    expect(replies.join("\n")).toContain("the secret is [secret]")
    const streams = Object.values(streamed)
    expect(streams, "events, and what the plugin printed").toEqual([expect.stringContaining("data: "), expect.stringContaining("[secret]")])
    expect([...replies, ...streams, engine.stderr()].flatMap((text) => partsIn(text))).toEqual([])
  })

  it("is in no dump of the catalog, and in no file of the engine's: artifacts, datasets, runs, logs", async () => {
    const dump = await execa(join(BIN ?? "", "pg_dump"), ["--host", join(home.dataDir, "catalog/socket"), "--username", "veneer", "postgres"])
    expect(dump.stdout).toContain("COPY")
    expect(partsIn(dump.stdout)).toEqual([])
    await execa(join(BIN ?? "", "psql"), ["--host", join(home.dataDir, "catalog/socket"), "--username", "veneer", "--command", "checkpoint", "postgres"])
    for (const part of [PLANTED, PLANTED.toUpperCase()]) expect(await filesWith(part, home.dataDir)).toEqual([])
  })
})

/** The lines that hold a secret, or what is left of one that was cut. */
const partsIn = (text: string): string[] => text.split("\n").filter((line) => line.includes(PLANTED) || line.includes(PLANTED.toUpperCase()))
