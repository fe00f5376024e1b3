import { existsSync, readFileSync } from "node:fs"
import { userInfo } from "node:os"
import { definePlugin, script, ScriptError, secret, Secret, Type, UserError, type Call, type Connection } from "@veneer/sdk"
import { afterAll, describe, expect, it } from "vitest"
import { after, callOperation, inTurn, localHost, scriptedHost } from "../src/index.ts"
import { makeNotes } from "./notes/plugin.ts"
import { scripts, useNotebooks } from "./notebooks.ts"

const root = useNotebooks()

type Handler = (call: Call & { connection: Connection }) => unknown

/** A plugin with one operation that does what a test wants. */
function having(act: Handler) {
  const none = Type.Object({})
  const named = Type.Object({ name: Type.String() }, { identityFields: ["name"], nameField: "name" })
  return definePlugin({
    id: "one", name: "One", version: "1.0.0", buildNumber: "1", hostTypes: ["unix"], ingestion: "direct",
    schemas: { repository: named, sourceConfig: named, linkedSource: none, virtualSource: none, snapshot: none, snapshotParameters: none },
    discovery: {
      repositories: async (call) => {
        await act(call)
        return []
      },
      sourceConfigs: () => [],
    },
    linked: { postSnapshot: () => ({}) },
    virtual: { mountSpecification: () => ({ mounts: [{}] }), configure: () => ({ name: "x" }), reconfigure: () => ({ name: "x" }), postSnapshot: () => ({}) },
  })
}

const find = script({ file: "find.sh", variables: { ROOT: "string", PASSWORD: "secret?" }, output: Type.Object({ notebooks: Type.Array(Type.String()), key: Type.Optional(secret()) }) })

/** What a handler's act returns, or ends with. */
async function act(host: Parameters<typeof callOperation>[3]["host"], handler: Handler, options: { signal?: AbortSignal; onLine?: (line: string) => void } = {}): Promise<unknown> {
  let returned: unknown
  await callOperation(having(async (call) => (returned = await handler(call))), "discovery.repositories", {}, { host, scripts, ...options })
  return returned
}

describe("a scripted host", () => {
  it("answers by name, and remembers what was asked", async () => {
    const host = scriptedHost({ "find.sh": { notebooks: ["diary"] } })
    const found = await callOperation(makeNotes("/notes"), "discovery.sourceConfigs", { repository: { path: "/notes" } }, { host })
    expect(found).toEqual([{ name: "diary", folder: "/notes/diary", port: 0 }])
    expect(host.calls).toMatchObject([{ operation: "discovery.sourceConfigs", method: "script", name: "find.sh", variables: { ROOT: "/notes" }, user: undefined }])
    expect(host.complaints).toEqual([])
  })

  it("answers in turn, after a while, by a function, and with errors of each kind", async () => {
    const taken = new UserError("The port is taken.", { code: "port_taken", action: "Choose another." })
    const killed = new ScriptError("", { command: "find.sh", exitCode: 9, stdout: "", stderr: "Killed" })
    const host = scriptedHost({ "find.sh": inTurn(taken, killed, new Error("no route to host"), after(5, { notebooks: [] }), ({ variables }) => ({ notebooks: [variables["ROOT"]] })) })
    const ask: Handler = ({ run, connection }) => run.script(connection, find, { ROOT: "/r" })
    await expect(act(host, ask)).rejects.toMatchObject({ name: "UserError", code: "port_taken", action: "Choose another." })
    await expect(act(host, ask)).rejects.toMatchObject({ name: "ScriptError", exitCode: 9, stderr: "Killed" })
    await expect(act(host, ask)).rejects.toMatchObject({ code: "plugin_failed", message: expect.stringContaining("no route to host") })
    expect(await act(host, ask)).toEqual({ notebooks: [] })
    expect(await act(host, ask)).toEqual({ notebooks: ["/r"] })
  })

  it("answers for programs by their arguments or name, and for commands by their text or first word", async () => {
    const host = scriptedHost({ "id -u": "7\n", id: "8\n", df: { exitCode: 1, stderr: "no such file" } })
    expect(await act(host, async ({ run, connection }) => [await run.exec(connection, ["id", "-u"]), await run.exec(connection.as("ann"), ["id", "-g"]), await run.bash(connection, "df -k | tail -1")]))
      .toMatchObject([{ exitCode: 0, stdout: "7\n" }, { exitCode: 0, stdout: "8\n" }, { exitCode: 1, stdout: "", stderr: "no such file" }])
    expect(host.calls.map(({ user }) => user)).toEqual([undefined, "ann", undefined])
  })

  it("answers for files by their paths", async () => {
    const host = scriptedHost({ "/etc/motd": inTurn("hello", undefined), "/srv": { kind: "directory", mode: 0o750, sizeBytes: 9 } })
    const said = await act(host, async ({ files, connection }) => [
      await files.read(connection, "/etc/motd"), await files.read(connection, "/etc/motd").catch((error: Error & { code?: string }) => error.code),
      await files.stat(connection, "/srv"), await files.write(connection, "/etc/motd", "bye"),
    ])
    expect(said).toEqual(["hello", "file_missing", expect.objectContaining({ kind: "directory", mode: 0o750, sizeBytes: 9 }), undefined])
    expect(host.calls.map(({ method, name }) => `${method} ${name}`)).toEqual(["read /etc/motd", "read /etc/motd", "stat /srv", "write /etc/motd"])
  })

  it("names what came and what was expected when they differ", async () => {
    const host = scriptedHost({ "ingest.sh": undefined, rsync: "" })
    const message = `Nobody expected discovery.repositories to run.script "find.sh" with ROOT="/r" PASSWORD=[secret] as ann. This host answers to: ingest.sh, rsync.`
    await expect(act(host, ({ run, connection }) => run.script(connection.as("ann"), find, { ROOT: "/r", PASSWORD: new Secret("hunter2") }))).rejects.toThrow(message)
    expect(host.complaints).toEqual([message])
  })

  it("holds variables and answers against the script's declaration, as the engine does", async () => {
    const host = scriptedHost({ "find.sh": { notebooks: "diary" } })
    await expect(act(host, ({ run, connection }) => run.script(connection, find, { ROOT: "/r" }))).rejects.toMatchObject({ code: "script_output_invalid" })
    await expect(act(host, ({ run, connection }) => run.script(connection, find, {} as never))).rejects.toThrow("find.sh with no value for ROOT")
    await expect(act(host, ({ run, connection }) => run.script(connection, { ...find, file: "other.sh" }, { ROOT: "/r" }))).rejects.toThrow(`There is no script "other.sh"`)
    const keys = scriptedHost({ "find.sh": { notebooks: [], key: new Secret("abcdef") } })
    expect(await act(keys, ({ run, connection }) => run.script(connection, find, { ROOT: "/r" }))).toMatchObject({ key: expect.any(Secret) })
  })
})

describe("the local host", () => {
  const host = localHost()
  afterAll(() => host.close())

  it("runs scripts with their library beside them and variables on standard input", async () => {
    expect(await callOperation(makeNotes(root), "discovery.sourceConfigs", { repository: { path: root } }, { host, scripts })).toEqual([{ name: "diary", folder: `${root}/diary`, port: 0 }])
  })

  it("streams what they write to standard error, line by line", async () => {
    const lines: string[] = []
    await act(host, ({ run, connection }) => run.bash(connection, "echo one >&2; printf 'two\nthree' >&2"), { onLine: (line) => lines.push(line) })
    expect(lines).toEqual(["one", "two", "three"])
  })

  it("starts commands in the user's home with an environment of its own", async () => {
    const said = await act(host, ({ run, connection }) => run.bash(connection, `printf '%s|' "$PWD" "$USER" "$LANG" "\${VITEST-unset}"`))
    expect(said).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(new RegExp(`\\|${userInfo().username}\\|C\\.UTF-8\\|unset\\|$`)) })
  })

  it("reads, writes and describes files, and reads a login shell's profile when told", async () => {
    const path = `${root}/file`
    const said = await act(host, async ({ files, run, connection }) => {
      await files.write(connection, path, "text", { mode: 0o640 })
      return [await files.read(connection, path), (await files.stat(connection, path))?.mode, (await run.bash(connection, "shopt -q login_shell; echo $?", { login: true })).stdout]
    })
    expect(said).toEqual(["text", 0o640, expect.any(String)])
  })

  it("ends a command that runs over its time with all that it started", async () => {
    const pidFile = `${root}/pid`
    await expect(act(host, ({ run, connection }) => run.bash(connection, `sleep 100 & echo $! >'${pidFile}'; wait`, { timeoutMs: 300 }))).rejects.toMatchObject({ code: "script_timeout" })
    // One that is dead but not yet reaped has no arguments any more.
    const commandLine = `/proc/${readFileSync(pidFile, "utf8").trim()}/cmdline`
    expect(existsSync(commandLine) ? readFileSync(commandLine, "utf8") : "").not.toContain("sleep")
  })

  it("ends what runs when the call is cancelled, and tells the cancellation", async () => {
    const controller = new AbortController()
    const marker = `${root}/begun`
    const running = act(host, ({ run, connection }) => run.bash(connection, `: >'${marker}'; sleep 100`), { signal: controller.signal })
    running.catch(() => {})
    await expect.poll(() => existsSync(marker)).toBe(true)
    controller.abort(new Error("enough"))
    await expect(running).rejects.toThrow("enough")
  })

  it("does not wait for a daemon that holds the script's streams open", async () => {
    const { stdout } = (await act(host, ({ run, connection }) => run.bash(connection, "setsid sleep 1000 & echo $!"))) as { stdout: string }
    // It is there to be killed: nobody has waited for its end.
    expect(process.kill(Number(stdout), "SIGKILL")).toBe(true)
  })

  it("refuses a script that is not among the plugin's", async () => {
    await expect(act(host, ({ run, connection }) => run.script(connection, { file: "../plugin.js", variables: {} }, {}))).rejects.toThrow("There is no script")
  })
})
