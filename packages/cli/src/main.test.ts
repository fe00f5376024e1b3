import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { pluginLog, startApi, type TestApi } from "../../engine/test/api.ts"
import { conduct } from "../../engine/test/jobs.ts"

const PROGRAM = fileURLToPath(new URL("../dist/main.js", import.meta.url))

let api: TestApi
let folder: string
beforeAll(async () => {
  ;[api, folder] = await Promise.all([startApi(), mkdtemp(join(tmpdir(), "veneer-cli-"))])
})
afterAll(async () => {
  await api.close()
  await rm(folder, { recursive: true })
})

interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

function begin(args: string[], environment: Record<string, string> = { VENEER_DATA_DIR: api.dataDir }) {
  return spawn(process.execPath, [PROGRAM, ...args], { env: { PATH: process.env["PATH"], ...environment }, stdio: "pipe" })
}

async function ended(child: ReturnType<typeof begin>, input = ""): Promise<Ended> {
  const result: Ended = { code: null, stdout: "", stderr: "" }
  child.stdout.on("data", (chunk) => (result.stdout += String(chunk)))
  child.stderr.on("data", (chunk) => (result.stderr += String(chunk)))
  child.stdin.end(input)
  await once(child, "close")
  result.code = child.exitCode
  return result
}

const veneer = (...args: string[]) => ended(begin(args))

describe("a session", () => {
  it("links, provisions, reaches and deletes, as the design has it", async () => {
    const parameters = ["--param", "method.type=streaming", "--param", "method.user=me", "--param", "method.slots=3", "--param", "method.password=-"]
    const linked = await ended(begin(["dsource", "link", "sales", "--source", "main", ...parameters]), "hunter2\n")
    expect(linked).toMatchObject({ code: 0, stdout: 'dSource "sales" is linked.\n' })
    expect(linked.stderr).toMatch(/^prepare +\d\.\d s {2}done\nwork +\d\.\d s {2}done\n$/)
    const dsource = await api.client.showDsource({ params: { id: "sales" } })
    expect(dsource.parameters).toEqual({ method: { type: "streaming", user: "me", slots: 3, password: "[secret]" } })

    const file = join(folder, "params.json")
    await writeFile(file, '{"port": 6001, "tags": ["a"]}')
    const made = await veneer("vdb", "create", "dev", "--plugin", "toy", "--environment", "local", "--params", file, "--param", "settings.work\\.mem=4MB", "--json")
    expect(JSON.parse(made.stdout)).toMatchObject({ vdb: { name: "dev", parameters: { port: 6001, tags: ["a"], settings: { "work.mem": "4MB" } } }, job: { state: "succeeded" } })
    expect(made.stderr).toBe("")
    expect(await veneer("vdb", "url", "dev")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^toy:\/\/\S+\/dev\n$/) })
    expect(await veneer("vdb", "url", "dev", "--wait", "soon")).toMatchObject({ code: 2, stderr: expect.stringContaining("number of seconds") })
    expect(await veneer("vdb", "connect", "dev")).toEqual({ code: 7, stdout: "client of dev\n", stderr: "" })
    expect(await veneer("vdb", "delete", "dev")).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") })
    expect(await veneer("vdb", "delete", "dev", "--yes", "-v")).toMatchObject({ code: 0, stderr: expect.stringContaining("work | part 3") })
  })
})

describe("sources", () => {
  it("are entered by hand with the fields of the plugin's schema, and removed again", async () => {
    const added = await veneer("source", "add", "--environment", "local", "--plugin", "toy", "--param", "path=/srv/toy", "--param", "port=7000", "--json")
    expect(JSON.parse(added.stdout)).toMatchObject({ name: "/srv/toy", manual: true, definition: { path: "/srv/toy", port: 7000 } })
    const twice = await veneer("source", "add", "--environment", "local", "--plugin", "toy", "--param", "path=/srv/toy", "--param", "port=7000")
    expect(twice).toMatchObject({ code: 1, stderr: expect.stringContaining("already") })
    expect(await veneer("source", "remove", "/srv/toy")).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") })
    expect(await veneer("source", "remove", "/srv/toy", "--yes")).toMatchObject({ code: 0, stdout: 'Source "/srv/toy" is removed.\n' })
    expect((await veneer("source", "list", "--quiet")).stdout).not.toContain(JSON.parse(added.stdout).id)
  })
})

describe("exit codes and errors", () => {
  it("tell a refusal, wrong usage and a missing engine apart", async () => {
    const nowhere = { VENEER_URL: "http://127.0.0.1:1", VENEER_TOKEN: "x" }
    const [refused, unknown, argument, missing, lost, nothing, denied] = await Promise.all([
      veneer("vdb", "show", "nope"), veneer("vdb", "shwo"), veneer("vdb", "show"), veneer("vdb", "provision", "x"), ended(begin(["vdb", "list"], nowhere)),
      ended(begin(["vdb", "list", "--data-dir", folder], {})), ended(begin(["vdb", "list", "--url", api.url, "--token", "wrong"], {})),
    ])
    expect(refused).toEqual({ code: 1, stdout: "", stderr: '✗ There is no VDB "nope".\n  List what exists and check the name or id.\n' })
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("Did you mean show?") })
    expect(argument).toMatchObject({ code: 2, stderr: expect.stringContaining("veneer vdb show --help") })
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("--from") })
    expect(lost).toMatchObject({ code: 3, stdout: "" })
    expect(nothing).toMatchObject({ code: 3, stderr: expect.stringContaining("veneer engine start") })
    expect(denied).toMatchObject({ code: 1, stderr: expect.stringContaining("--token") })
  })

  it("are JSON with --json, and carry faults", async () => {
    const [refused, usage, faults] = await Promise.all([veneer("vdb", "show", "nope", "--json"), veneer("--json", "vdb", "shwo"), veneer("token", "create", "-", "--json")])
    expect(JSON.parse(refused.stderr)).toEqual({ code: "not_found", message: 'There is no VDB "nope".', action: expect.any(String) })
    expect(JSON.parse(usage.stderr)).toMatchObject({ code: "usage" })
    expect(JSON.parse(faults.stderr)).toMatchObject({ code: "invalid_request", faults: [{ pointer: "/name" }] })
    expect([refused.code, usage.code, faults.code]).toEqual([1, 2, 1])
  })

  it("show a failed job's words without what a terminal would obey", async () => {
    await api.client.createEmptyVdb({ body: { name: "bad", plugin: "toy", environment: "local" } })
    conduct.next = "badly"
    const failed = await veneer("vdb", "start", "bad")
    expect(failed.code).toBe(1)
    expect(failed.stderr).toMatch(/work +\d\.\d s {2}(?:failed|undone)/)
    expect(failed.stderr).toContain("✗ work.sh ended with exit code 3.\n  Read the script's output")
    expect(failed.stderr).toContain("\n    disk full\n    no space\n")
    expect(failed.stderr).not.toContain("\u001b")
  })

  it("leave the job running on Ctrl-C, and say how to go on", async () => {
    await api.client.createEmptyVdb({ body: { name: "slow", plugin: "toy", environment: "local" } })
    conduct.next = "slowly"
    const child = begin(["vdb", "start", "slow"])
    child.stderr.once("data", () => child.kill("SIGINT"))
    const { code, stderr } = await ended(child)
    expect(code).toBe(130)
    const id = /veneer job watch (\w+)/.exec(stderr)?.[1] ?? ""
    expect(await api.client.showJob({ params: { id } })).toMatchObject({ state: "running" })
    const watching = veneer("job", "watch", id)
    expect(await veneer("job", "cancel", id, "--quiet")).toEqual({ code: 0, stdout: `${id}\n`, stderr: "" })
    expect(await watching).toMatchObject({ code: 1, stderr: expect.stringContaining("cancelled") })
  })
})

describe("a plugin's log", () => {
  it("is shown, and followed until one has seen enough", async () => {
    expect(await veneer("plugin", "logs", "toy")).toMatchObject({ code: 0, stdout: "loaded\n" })
    const child = begin(["plugin", "logs", "toy", "--follow", "--json"])
    child.stdout.once("data", () => pluginLog.add("more \u001b[31m"))
    let said = ""
    child.stdout.on("data", (chunk) => {
      said += String(chunk)
      if (said.includes("more")) child.kill("SIGINT")
    })
    await ended(child)
    expect(said.trim().split("\n").map((line) => JSON.parse(line))).toEqual([{ line: "loaded" }, { line: "more \u001b[31m" }])
    expect(said).not.toContain("\u001b")
    expect(await veneer("plugin", "logs", "nope", "--follow")).toMatchObject({ code: 1, stderr: expect.stringContaining("There is no plugin") })
  })
})

describe("plugin upgrade", () => {
  it("says what happened, and as a dry run everything that would break, with an exit code", async () => {
    const [file, small] = [join(folder, "toy.tgz"), join(folder, "small.tgz")]
    await Promise.all([writeFile(file, "an artifact"), writeFile(small, "x")])
    const done = await veneer("plugin", "upgrade", file)
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining(`Plugin "toy" is upgraded from 0.9.0 (build 0.9) to 1.0.0 (build 1).\n  Migrations: 1.2 (virtualSource)`) })
    const dry = await veneer("plugin", "upgrade", file, "--dry-run")
    expect(dry.code).toBe(1)
    expect(dry.stdout).toContain(`It would break a rule:\n  VDB a red VDB (3k9x)\n    /parameters/port must be integer; it is "6000"`)
    for (const line of dry.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80)
    const json = await veneer("plugin", "upgrade", file, "--dry-run", "--json")
    expect(json.code).toBe(1)
    expect(JSON.parse(json.stdout)).toMatchObject({ id: "toy", dryRun: true, outcome: "upgraded", findings: [{ pointer: "/parameters/port" }] })
    expect(await veneer("plugin", "upload", small)).toMatchObject({ code: 1, stderr: expect.stringContaining("no archive") })
    expect(await veneer("plugin", "upload", join(folder, "none.tgz"))).toMatchObject({ code: 2 })
    expect((await veneer("plugin", "show", "toy")).stdout).toMatch(/^migrations +1\.2 virtualSource$/m)
    expect((await veneer("plugin", "list")).stdout).toMatch(/^toy .* 1 +1\.2 /m)
  })
})

describe("output", () => {
  it("fits 80 columns and 24 lines where it is help", async () => {
    const nouns = ["", "vdb", "dsource", "environment", "plugin", "engine", "job"]
    const helps = await Promise.all(nouns.map((noun) => veneer(...[noun, "--help"].filter(Boolean))))
    for (const { code, stdout } of helps) {
      const lines = stdout.trimEnd().split("\n")
      expect(code).toBe(0)
      expect(lines.length).toBeLessThan(24)
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
    }
  })

  it("is a table of 80 columns, one JSON document, or ids", async () => {
    const name = `a-${"very-".repeat(11)}x`
    const { vdb } = await api.client.createEmptyVdb({ body: { name, plugin: "toy", environment: "local" } })
    const [table, json, quiet, job] = await Promise.all([veneer("vdb", "list"), veneer("vdb", "list", "--json"), veneer("vdb", "list", "--quiet"), veneer("vdb", "stop", name, "--no-wait")])
    for (const line of table.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80)
    expect(table.stdout).toContain(vdb.id)
    expect(JSON.parse(json.stdout)).toMatchObject({ items: expect.arrayContaining([expect.objectContaining({ name, state: "creating" })]) })
    expect(quiet.stdout.trim().split("\n")).toContain(vdb.id)
    expect(await api.client.showJob({ params: { id: job.stdout.trim() } })).toMatchObject({ kind: "stop" })
    expect(await veneer("engine", "doctor")).toMatchObject({ code: 1, stdout: expect.stringContaining("/mnt/veneer/x") })
    expect(await veneer("engine", "doctor", "--fix")).toMatchObject({ code: 0 })
  })
})
