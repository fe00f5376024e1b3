import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Secret, secret, Type, union } from "@veneer/sdk"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startApi, type TestApi } from "../../../engine/test/api.ts"
import { manifest } from "../../../engine/test/manifest.ts"
import { findVdb } from "../../../engine/src/catalog/vdbs.ts"
import { savePlugin } from "../../../engine/src/catalog/plugins.ts"

const PROGRAM = fileURLToPath(new URL("../../dist/main.js", import.meta.url))
/** A question that never comes ends the test by then, with what was shown. */
const PATIENCE_MS = 120_000
const PASSWORD = "hunter2-Zq7"

const virtualSource = Type.Object({
  name: Type.String({ title: "Database", description: "The one to connect to.", pattern: "^[a-z]+$", messages: { pattern: "takes small letters only" } }),
  port: Type.Optional(Type.Integer({ title: "Port", minimum: 1024, default: 6000 })),
  secure: Type.Optional(Type.Boolean({ title: "TLS" })),
  certificate: Type.Optional(Type.String({ title: "Certificate", rows: 4, hiddenWhen: { secure: [false, null] } })),
  mode: Type.Optional(Type.Union([Type.Literal("fast", { title: "Fast, and lost in a crash" }), Type.Literal("safe")], { title: "Mode", default: "safe" })),
  login: union("type", {
    password: Type.Object({ password: secret({ title: "Password", minLength: 5 }) }, { title: "By password" }),
    peer: Type.Object({ user: Type.String({ title: "OS user" }) }, { title: "As an OS user", description: "No password." }),
  }, { title: "Login" }),
  tags: Type.Optional(Type.Array(Type.String(), { title: "Tags", minItems: 1 })),
  settings: Type.Optional(Type.Record(Type.String(), Type.Integer(), { title: "Settings" })),
  users: Type.Optional(Type.Array(Type.Object({ name: Type.String({ title: "Name" }) }), { title: "Users" })),
}, { ordering: ["name", "login"] })

let api: TestApi
let folder = ""

beforeAll(async () => {
  ;[api, folder] = await Promise.all([startApi(), mkdtemp(join(tmpdir(), "veneer-prompt-"))])
  await savePlugin(api.catalog, { manifest: { ...manifest, id: "form", schemas: { ...manifest.schemas, virtualSource: JSON.parse(JSON.stringify(virtualSource)) } }, artifact: "1".repeat(64) })
})

afterAll(async () => {
  await api.close()
  await rm(folder, { recursive: true })
})

/** `veneer` on a terminal of its own: answers each question once it stands there. */
async function onTerminal(args: readonly string[], answers: readonly [question: string, answer: string][]): Promise<{ shown: string; code: number | null }> {
  const command = [process.execPath, PROGRAM, ...args].map((word) => `'${word}'`).join(" ")
  const child = spawn("script", ["--quiet", "--flush", "--return", "--command", command, "/dev/null"], { env: { PATH: process.env["PATH"], VENEER_DATA_DIR: api.dataDir, TERM: "dumb" }, stdio: "pipe", timeout: PATIENCE_MS })
  let shown = ""
  let seen = 0
  const waiting = [...answers]
  child.stdout.on("data", (chunk) => {
    shown += String(chunk)
    for (let [next] = waiting; next && shown.includes(next[0], seen); [next] = waiting) {
      seen = shown.indexOf(next[0], seen) + next[0].length
      waiting.shift()
      child.stdin.write(next[1])
    }
  })
  await once(child, "close")
  expect(waiting, shown).toEqual([])
  return { shown, code: child.exitCode }
}

const create = (name: string, ...more: string[]) => ["vdb", "create", name, "--plugin", "form", "--environment", "local", "--no-wait", ...more]

const parametersOf = async (name: string) => (await findVdb(api.catalog, name))?.parameters

describe("on a terminal", () => {
  it("only what is required and missing is asked for, of a union one branch; a secret does not show", async () => {
    const { shown, code } = await onTerminal(create("few"), [
      ["Database: ", "BAD\r"], ["takes small letters only", ""], ["Database: ", "sales\r"], ["Login: ", "1\r"], ["Password: ", "x\r"], ["fewer than 5", ""], ["Password: ", `${PASSWORD}\r`],
    ])
    expect(code, shown).toBe(0)
    expect(shown).toContain("Database: The one to connect to.")
    expect(shown).toContain("  2  As an OS user: No password.")
    expect(shown).not.toContain("Port")
    expect(shown).not.toContain(PASSWORD)
    expect(await parametersOf("few")).toEqual({ name: "sales", login: { type: "password", password: expect.any(Secret) } })
  })

  it("with --ask every field is, with its default, and what a condition hides is not", async () => {
    const { shown, code } = await onTerminal(create("all", "--ask"), [
      ["Database: ", "sales\r"], ["Login: ", "As an OS user\r"], ["OS user: ", "dba\r"], ["Port [6000]: ", "80\r"], ["must be >= 1024", ""], ["Port [6000]: ", "6001\r"], ["TLS (y or n; optional): ", "n\r"],
      ["Mode [2]: ", "1\r"], ["Set Tags?", "y\r"], ["Tags 1 (empty to end): ", "\r"], ["fewer than 1", ""], ["Tags 1 (empty to end): ", "a\r"], ["Tags 2 (empty to end): ", "\r"],
      ["Set Settings?", "y\r"], ["Settings (name=value; empty to end): ", "work.mem=4\r"], ["Settings (name=value; empty to end): ", "\r"], ["Set Users?", "y\r"], ["Add Users 1?", "y\r"], ["Name: ", "ann\r"], ["Add Users 2?", "n\r"],
    ])
    expect(code, shown).toBe(0)
    expect(shown).not.toContain("Certificate")
    expect(await parametersOf("all")).toEqual({
      name: "sales", login: { type: "peer", user: "dba" }, port: 6001, secure: false, mode: "fast", tags: ["a"], settings: { "work.mem": 4 }, users: [{ name: "ann" }],
    })
  })

  it("defaults are taken with an empty answer, and a text of several lines comes line by line or from a file", async () => {
    const file = join(folder, "certificate")
    await writeFile(file, "from\nfile\n")
    const ask = (name: string, answers: readonly [string, string][]) =>
      onTerminal(create(name, "--ask", "--param", "name=sales", "--param", "login.type=peer", "--param", "login.user=dba"), [
        ["Port [6000]: ", "\r"], ["TLS", "y\r"], ...answers, ["Mode [2]: ", "\r"], ["Set Tags?", "\r"], ["Set Settings?", "n\r"], ["Set Users?", "n\r"],
      ])
    await ask("lines", [["Certificate (several lines, an empty one ends; @file reads a file; optional): ", "one\r"], ["one", "two\r"], ["two", "\r"]])
    expect(await parametersOf("lines")).toEqual({ name: "sales", login: { type: "peer", user: "dba" }, secure: true, certificate: "one\ntwo" })
    await ask("file", [["Certificate", `@${file}\r`], [file, "\r"]])
    expect(await parametersOf("file")).toMatchObject({ certificate: "from\nfile" })
  })

  it("a secret given as - is asked for without showing; Ctrl-C leaves nothing", async () => {
    const given = ["--param", "name=sales", "--param", "login.type=password"]
    const { shown, code } = await onTerminal(create("dash", ...given, "--param", "login.password=-"), [["login.password: ", `${PASSWORD.slice(0, 3)}x\u007f${PASSWORD.slice(3)}\r`]])
    expect([code, shown.includes(PASSWORD)]).toEqual([0, false])
    const password = (await parametersOf("dash"))?.["login"]
    expect(password).toMatchObject({ password: expect.any(Secret) })
    expect(Reflect.get(Object(password), "password").reveal()).toBe(PASSWORD)
    const interrupted = await onTerminal(create("never", ...given), [["Password: ", "half\u0003"]])
    expect(interrupted).toMatchObject({ code: 130, shown: expect.stringContaining("nothing was done") })
    expect(await parametersOf("never")).toBeUndefined()
  })
})
