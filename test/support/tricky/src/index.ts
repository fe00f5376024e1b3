// A plugin that breaks every promise a plugin makes, when told to.
// oxlint-disable import/no-default-export, typescript/no-unsafe-type-assertion, typescript/unbound-method -- to break promises it lies to the compiler
import { definePlugin, script, ScriptError, secret, Secret, Type, UserError, type Call, type Connection } from "@veneer/sdk"
import { writeSync } from "node:fs"

const schemas = {
  repository: Type.Object({ path: Type.String() }, { identityFields: ["path"], nameField: "path" }),
  sourceConfig: Type.Object({ name: Type.String(), password: Type.Optional(secret()), note: Type.Optional(Type.String()) }, { identityFields: ["name"], nameField: "name" }),
  linkedSource: Type.Object({ mode: Type.String({ default: "echo" }), password: secret(), text: Type.String({ default: "" }) }),
  virtualSource: Type.Object({}),
  snapshot: Type.Object({ at: Type.String(), verified: Type.Optional(Type.Boolean()) }),
  snapshotParameters: Type.Object({}),
}

const echo = script({ file: "echo.sh", variables: { TEXT: "string", PASSWORD: "secret" }, output: Type.Object({ text: Type.String(), exported: Type.String(), password: secret() }) })
const misbehave = script({ file: "misbehave.sh", variables: { HOW: "string", PASSWORD: "secret" }, output: Type.Object({ n: Type.Integer() }) })
const count = script({ file: "count.sh", variables: { FILE: "string" }, output: Type.Object({ starts: Type.Integer() }) })

interface Discovering extends Call {
  connection: Connection
  repository: { path: string }
}

/** By repository path. */
const discoveries: Record<string, (call: Discovering) => unknown> = {
  fine: () => [{ name: "a", password: new Secret("found-secret") }],
  throws: () => { throw new Error("out of order") },
  "throws-text": () => { throw "just text" }, // oxlint-disable-line no-throw-literal, typescript/only-throw-error -- plugins do
  user: () => { throw new UserError("The port is taken.", { code: "port_is_taken", action: "Choose another.", output: "bind: in use" }) },
  exits: () => process.exit(7),
  spins: () => { for (;;); },
  hangs: () => new Promise(() => {}),
  obeys: ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("told to stop")))),
  garbage: () => { writeSync(3, "no json\n"); return new Promise(() => {}) },
  nonsense: () => { writeSync(3, `{"type":"ended"}\n`); return new Promise(() => {}) },
  floods: () => { for (let line = 0; line < 20_000; line++) console.log(`line ${line} ${"x".repeat(200)}`); return [] },
  forgets: () => { void Promise.reject(new Error("forgotten")); return [] },
  text: () => "text",
  code: () => [{ name: () => "a" }],
  wrong: () => [{ name: "a" }, { name: 5, surplus: true }],
  twins: () => [{ name: "a" }, { name: "b" }, { name: "a" }],
  clear: () => [{ name: "a", note: new Secret("shown-secret") }],
  who: async ({ log }) => {
    log(JSON.stringify({ uid: process.getuid?.(), gid: process.getgid?.(), groups: process.getgroups?.(), env: Object.keys(process.env).sort(), cwd: process.cwd() }))
    return []
  },
  port: async ({ ports, connection }) => [{ name: String(await ports.reserve(connection, { label: "main", range: [6000, 6010] })) }],
  late: ({ run, connection }) => { setTimeout(() => void run.exec(connection, ["true"]).catch((error: Error) => console.log(error.message)), 50); return [] },
  leaves: ({ run, connection, log }) => { void run.bash(connection, "sleep 100").catch(() => {}); log("left"); return [] },
  foreign: async ({ run }) => { await run.exec({ environment: "x", address: "y", user: "root", as: () => { throw new Error() } }, ["true"]); return [] },
}

export default definePlugin({
  id: "tricky", name: "Tricky", version: "1.0.0", buildNumber: "1", hostTypes: ["unix"], ingestion: "staged", schemas,
  discovery: {
    repositories: () => [{ path: "fine" }],
    // A broken promise is what this plugin is for.
    sourceConfigs: (call) => discoveries[call.repository.path]?.(call) as { name: string }[],
  },
  linked: {
    mountSpecification: ({ source }) => JSON.parse(source.parameters.text) as { mounts: [{ path: string }] },
    async preSnapshot({ source, run, connection, log, progress, mounts: [folder], signal }) {
      const { mode, text, password } = source.parameters
      switch (mode) {
        case "echo": {
          const out = await run.script(connection, echo, { TEXT: text, PASSWORD: password })
          return log(JSON.stringify({ ...out, same: out.password.reveal() === password.reveal(), is: out.password instanceof Secret }))
        }
        case "leak":
          log(`password ${password.reveal()} and ${encodeURIComponent(password.reveal())}`)
          progress({ fraction: 0.5, message: `with ${password.reveal()}` })
          await run.script(connection, misbehave, { HOW: "leak", PASSWORD: password })
          throw new Error(`failed with ${password.reveal()}`)
        case "catch": {
          const caught: unknown[] = []
          for (const HOW of ["fail", "exit"]) await run.script(connection, misbehave, { HOW, PASSWORD: password }).catch((error: unknown) => caught.push(error))
          const [failed, ended] = caught
          return log(`${failed instanceof UserError && failed.code} ${ended instanceof ScriptError && ended.exitCode}`)
        }
        case "inline": {
          const first = await run.bash(connection, `printf '%s|' "$A" "$B"; cat; exit 3`, { variables: { A: text, B: password }, stdin: text })
          const second = await run.exec(connection, ["printf", "%s|", text, "-n"])
          const third = await run.exec(connection, ["printenv", "B"], { variables: { B: password } })
          return log(JSON.stringify([first.exitCode, first.stdout === `${text}|${password.reveal()}|${text}`, second.stdout === `${text}|-n|`, third.stdout === `${password.reveal()}\n`]))
        }
        case "check": return void (await run.bash(connection, "echo why >&2; exit 9", { check: true }))
        case "detached": return log(JSON.stringify([await run.detached(connection, count, { FILE: text }), await run.detached(connection, count, { FILE: text })]))
        case "ignore": return void (await new Promise(() => {}))
        case "unknown": return void (await run.script(connection, { file: "../plugin.js", variables: {} }, {}))
        case "wait": return void (await run.bash(connection, `echo $$ >"${folder}/pid"; echo waiting >&2; sleep 100`))
        case "short": return void (await run.bash(connection, "sleep 100", { timeoutMs: 200 }))
        default:
          signal.throwIfAborted()
          await run.script(connection, misbehave, { HOW: mode, PASSWORD: password })
      }
    },
    postSnapshot: () => ({ at: "now" }),
    publish: ({ source }) => (source.parameters.mode === "wrong" ? { verified: "yes" as unknown as boolean } : { verified: true }),
    status: ({ source }) => ({ state: source.parameters.text as "active" }),
    sourceSize: ({ source }) => Number(source.parameters.text),
  },
  virtual: { mountSpecification: () => ({ mounts: [{}] }), configure: () => ({ name: "x" }), reconfigure: () => ({ name: "x" }), postSnapshot: () => ({ at: "now" }) },
})
