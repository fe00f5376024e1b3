import { spawnSync } from "node:child_process"
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Secret } from "@veneer/sdk"
import { fromLoginShell } from "@veneer/sdk/contract"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { buildPlugin } from "../packages/cli/src/author/build.ts"
import { createHosts } from "../packages/engine/src/environments/hosts.ts"
import type { Host, Hosts } from "../packages/engine/src/environments/port.ts"
import { runProcess } from "../packages/engine/src/environments/process.ts"
import { PATH } from "../packages/engine/src/environments/users.ts"
import { confine } from "../packages/engine/src/plugins/confinement.ts"
import { createPlugins } from "../packages/engine/src/plugins/plugins.ts"
import { openSecretStores } from "../packages/engine/src/secrets/stores.ts"
import type { CallContext, Plugins } from "../packages/engine/src/plugins/port.ts"
import { runProgram } from "../packages/engine/src/system/program.ts"

const HANDY = fileURLToPath(new URL("support/handy", import.meta.url))
const FAKES = fileURLToPath(new URL("../packages/testkit/fakes", import.meta.url))
const PASSWORD = "planted p@$$'w\"[ö]rd-5c1"
const isRoot = process.getuid?.() === 0
const has = (program: string) => spawnSync("which", [program]).status === 0
const lacks = (program: string) => (has(program) ? "" : ` (skipped: no ${program} on this machine)`)

let folder = ""
let plugins: Plugins
let logged: string[] = []

/** A machine whose programs' environment a test may add to. */
let more: Record<string, string> = {}
const within = (host: Host): Host => ({
  name: host.name, address: host.address,
  run: ({ login = false, argv, ...command }) =>
    host.run({ ...command, argv: ["env", ...Object.entries(more).map(([name, value]) => `${name}=${value}`), ...(login ? fromLoginShell(argv) : argv)] }),
  runDetached: (command) => host.runDetached(command), discardDetached: (key) => host.discardDetached(key), listDetached: () => host.listDetached(),
  artifactPath: (artifact) => host.artifactPath(artifact), pull: (pull) => host.pull(pull), isPortFree: (port) => host.isPortFree(port),
})

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "veneer-calls-"))
  await chmod(folder, 0o755)
  const storeDir = join(folder, "store")
  await mkdir(join(folder, "secrets"))
  await writeFile(join(folder, "secrets/login"), JSON.stringify({ username: "app", password: PASSWORD }), { mode: 0o600 })
  await writeFile(join(folder, "stores.json"), JSON.stringify({ file: { directory: join(folder, "secrets") } }))
  const local = createHosts({ dataDir: folder, engineId: "test-calls", artifactsDir: storeDir })
  const hosts: Hosts = { ...local, host: (settings) => within(local.host(settings)) }
  plugins = createPlugins({ storeDir, engineId: "test-calls", confinement: await confine({ engineId: "test-calls", run: runProgram }), hosts, ports: () => Promise.resolve(1), references: async () => ({ problem: "refers to nothing" }), credentials: await openSecretStores(join(folder, "stores.json"), runProcess) })
  await plugins.load(await plugins.install(await readFile((await buildPlugin(HANDY, { out: join(folder, "built") })).file)))
})

afterAll(async () => {
  await plugins?.close()
  await rm(folder, { recursive: true, force: true })
})

beforeEach(() => {
  logged = []
  more = {}
})

interface Asked {
  text?: string
  path?: string
  user?: string
  number?: number
  password?: Secret
}

/** What the handler's call came to. */
async function call(name: string, asked: Asked = {}, context: Partial<CallContext> = {}): Promise<unknown> {
  const parameters = { call: name, text: "", path: "/", number: 0, ...asked }
  await plugins.call("handy", "linked.preSnapshot", { source: { id: "a", name: "a", parameters }, mounts: [folder], resync: true }, {
    environment: { id: "1", name: "here", kind: "local" }, reason: "sync", key: "job/step", owner: undefined, signal: new AbortController().signal,
    log: (line) => logged.push(line), progress: () => undefined, ...context,
  })
  const last = logged.at(-1) ?? ""
  return last === "nothing" ? undefined : JSON.parse(last)
}

describe("commands", () => {
  test("lines of standard output come as they are written, and the whole of it at the end", async () => {
    expect(await call("lines")).toEqual({ lines: ["one", "two", "three"], stdout: "one\ntwo\nthree" })
  })

  test("what a handler throws at a line is what its call fails with, and nothing runs on", async () => {
    await expect(call("linesThrow")).rejects.toThrow("no more of that")
  })

  test("a program that writes faster than its handler listens is stopped, and named", async () => {
    await expect(call("linesForever")).rejects.toMatchObject({ code: "output_too_large", message: expect.stringContaining("16 MiB") })
  })

  test("output over 8 MiB is cut for the handler, and is whole in the job's log", async () => {
    const limit = 8 * 2 ** 20
    expect(await call("much", { number: limit })).toEqual({ length: limit, truncated: false })
    expect(logged).toHaveLength(1)
    logged = []
    expect(await call("much", { number: limit + 32 })).toEqual({ length: limit, truncated: true })
    const said = logged.slice(0, -1)
    expect(said[0]).toContain("8 MiB")
    expect(said.slice(1).map((line) => `${line}\n`).join("")).toHaveLength(limit + 32)
  })

  test("what a job's log takes of one command has a limit, which is named", async () => {
    await call("much", { number: 70 * 2 ** 20 })
    expect(logged.at(-2)).toContain("beyond 64 MiB is left out")
  })

  test("a login shell's profile is read on demand, and may read and print what it likes", async () => {
    const home = join(folder, "home")
    await mkdir(home)
    await writeFile(join(home, ".bash_profile"), "read -r eaten\necho noise\nexport FROM_PROFILE=yes\n")
    more = { HOME: home }
    const [script, plain, bash, detached] = (await call("login")) as unknown[]
    expect(script).toEqual({ own: "mine", profile: "yes" })
    expect(plain).toEqual({ own: "mine", profile: "none" })
    expect(bash).toBe("yes a\nin")
    // Detached runs have an environment of their own, and so this machine's home.
    expect(detached).toBe("none")
  })
})

describe("expect", () => {
  test.skipIf(!has("expect"))(`answers at a terminal, with secrets that no other program finds${lacks("expect")}`, async () => {
    expect(await call("expect", { password: new Secret(PASSWORD), text: "t [exit 3] $x \\ ü" })).toEqual({ exitCode: 4, stdout: "same\nt [exit 3] $x \\ ü\n" })
    await expect(call("expectFails")).rejects.toMatchObject({ code: "script_failed", output: expect.stringContaining("no such prompt") })
  })

  test("a host without it is told so, with the package's name", async () => {
    more = { PATH: join(folder, "nothing") }
    await mkdir(join(folder, "nothing"), { recursive: true })
    await symlink("/bin/bash", join(folder, "nothing/bash")).catch(() => undefined)
    await expect(call("expect")).rejects.toMatchObject({ code: "program_missing", message: expect.stringContaining("expect"), action: expect.stringContaining("package expect") })
  })
})

describe("PowerShell", () => {
  test.skipIf(has("pwsh"))("a host without it is told so (skipped where there is one)", async () => {
    await expect(call("powershell")).rejects.toMatchObject({ code: "program_missing", message: expect.stringContaining("pwsh"), action: expect.stringContaining("PowerShell 7") })
  })

  test("arguments, encoding, variables and exit codes are right, as far as a fake pwsh of the testkit tells", async () => {
    more = { PATH: `${FAKES}:${process.env["PATH"] ?? PATH}` }
    const password = new Secret(PASSWORD)
    expect(await call("powershell", { text: "Write-Output $env:TEXT\nWrite-Output é\nexit 7", password })).toMatchObject({ exitCode: 7, stdout: "ü '$x\" 😀\né\n" })
    expect(await call("powershell", { text: "Write-Output $env:PASSWORD", password })).toMatchObject({ exitCode: 0, stdout: "[secret]\n" })
    await expect(call("powershellChecked", { text: "throw boom" })).rejects.toMatchObject({ code: "script_failed", message: "pwsh ended with exit code 1.", output: expect.stringContaining("boom") })
  })
})

describe("files", () => {
  test("of text and of any bytes are written and read as they are", async () => {
    const path = join(folder, "it's a \"file\" $x ü\n")
    await call("write", { path, text: "hällo\n\n" })
    expect(await readFile(path, "utf8")).toBe("hällo\n\n")
    expect(await call("read", { path })).toBe("hällo\n\n")
    expect(await call("bytes", { path: join(folder, "bytes") })).toBe(true)
    await call("write", { path, text: "" })
    expect(await call("read", { path })).toBe("")
  })

  test("keep the mode they had, are closed when new, and get the one that is asked for", async () => {
    const path = join(folder, "mode")
    const modeOf = async () => (await stat(path)).mode & 0o7777
    await call("write", { path, text: "1" })
    expect(await modeOf()).toBe(0o600)
    await call("write", { path, text: "2", number: 0o640 })
    expect(await modeOf()).toBe(0o640)
    await call("write", { path, text: "3" })
    expect(await modeOf()).toBe(0o640)
    expect(await call("stat", { path })).toMatchObject({ kind: "file", sizeBytes: 1, mode: 0o640, uid: process.getuid?.() })
  })

  test("are replaced whole, and nothing is left beside them", async () => {
    const own = join(folder, "own")
    await mkdir(own)
    await writeFile(join(own, "target"), "untouched")
    await symlink("target", join(own, "link"))
    await call("write", { path: join(own, "link"), text: "new" })
    expect(await readFile(join(own, "target"), "utf8")).toBe("untouched")
    expect(await readFile(join(own, "link"), "utf8")).toBe("new")
    expect((await readdir(own)).sort()).toEqual(["link", "target"])
  })

  test("that hold a secret may: it shows nowhere", async () => {
    const path = join(folder, "secret")
    await call("write", { path, password: new Secret(PASSWORD) })
    expect(await readFile(path, "utf8")).toBe(PASSWORD)
    expect(logged.join("\n")).not.toContain("planted")
  })

  test.skipIf(!isRoot)("are read and written as the OS user (needs root)", async () => {
    const open = join(folder, "open")
    await mkdir(open)
    await chmod(open, 0o777)
    await call("write", { path: join(open, "theirs"), text: "x", user: "nobody" })
    expect((await stat(join(open, "theirs"))).uid).toBe(65_534)
    await writeFile(join(folder, "roots"), "x", { mode: 0o600 })
    await mkdir(join(folder, "closed"), { mode: 0o700 })
    for (const [name, path] of [["read", "roots"], ["stat", "closed/x"], ["write", "new"], ["write", "closed/x"]] as const) {
      await expect(call(name, { path: join(folder, path), user: "nobody", text: "y" })).rejects.toMatchObject({ code: "file_denied", message: expect.stringContaining(path) })
    }
  })

  test("that are missing are undefined to stat, and an error with a code to who reads or writes them", async () => {
    expect(await call("stat", { path: join(folder, "none") })).toBeUndefined()
    expect(await call("stat", { path: folder })).toMatchObject({ kind: "directory" })
    expect(await call("stat", { path: "/dev/null" })).toMatchObject({ kind: "other" })
    await expect(call("read", { path: join(folder, "none") })).rejects.toMatchObject({ code: "file_missing", message: expect.stringContaining("none") })
    expect(await call("readOr", { path: join(folder, "none") })).toBe("file_missing")
    await expect(call("write", { path: join(folder, "none/x") })).rejects.toMatchObject({ code: "file_missing" })
  })

  test.each([["a directory", "read", { path: "/etc" }, "directory"], ["a directory", "write", { path: "/etc" }, "directory"], ["a device", "read", { path: "/dev/zero" }, "character special"], ["a relative path", "read", { path: "x" }, "absolute path"]])(
    "%s is refused: %s", async (_, name, asked, message) => {
      await expect(call(name, asked)).rejects.toThrow(message)
    })

  test("larger than may be, or not of text, is refused with the limit", async () => {
    const path = join(folder, "large")
    await writeFile(path, Buffer.alloc(4 * 2 ** 20 + 1))
    await expect(call("read", { path })).rejects.toMatchObject({ code: "file_unusable", message: expect.stringContaining("4 MiB") })
    await writeFile(path, "12345")
    await expect(call("readLess", { path, number: 4 })).rejects.toMatchObject({ code: "file_unusable" })
    expect(await call("readLess", { path, number: 5 })).toBe("12345")
    expect(await call("read", { path: "/proc/self/status" })).toContain("Name:")
    await writeFile(path, Buffer.from([0xff, 0xfe, 0x41]))
    await expect(call("read", { path })).rejects.toMatchObject({ code: "file_unusable", message: expect.stringContaining("UTF-8") })
  })
})

describe("credentials", () => {
  test("come from the engine's stores, and show nowhere", async () => {
    expect(await call("credentials", { text: "file:login", password: new Secret("x") })).toEqual({ username: "app", same: true, given: "password" })
    expect(logged).toHaveLength(3)
    expect(logged[0]).toContain(`["password","[secret]"]`)
    expect(logged[1]).toBe("using [secret]")
    expect(logged.join("\n")).not.toContain("planted")
  })

  test("that are not there fail with what to do", async () => {
    await expect(call("credentials", { text: "file:none" })).rejects.toMatchObject({ code: "credentials_missing", action: expect.stringContaining("--secrets") })
    await expect(call("credentials", { text: "hunter2" })).rejects.toMatchObject({ code: "credentials_missing" })
  })
})

describe("waiting", () => {
  test("ends when what is waited for comes, or in the words given when it doesn't", async () => {
    const path = join(folder, "awaited")
    const waited = call("waits", { path }, { log: (line) => { logged.push(line); if (line === "waiting") void writeFile(path, "") } })
    expect(await waited).toBe("file")
    await expect(call("waitsInVain")).rejects.toMatchObject({ name: "UserError", code: "wait_timeout", message: "It never came. That was waited for 0.06 s.", action: "Look after it." })
  })

  test("ends with the job", async () => {
    const controller = new AbortController()
    const waited = call("waits", { path: join(folder, "never") }, { signal: controller.signal, log: () => controller.abort() })
    await expect(waited).rejects.toMatchObject({ code: "cancelled" })
  })
})
