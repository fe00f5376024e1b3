import { spawn, spawnSync } from "node:child_process"
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Secret, ScriptError, Type, UserError, type Call, type Connection, type Emitted, type Ports, type Reason, type Run, type Files, type Script, type Static, type TSchema, type VariableKinds, type Variables } from "@veneer/sdk"
import { createAjv } from "@veneer/sdk/ajv"

const root = new URL("../../..", import.meta.url).pathname

/** How a program on this machine ended. */
interface Ended {
  exitCode: number
  stdout: string
  stderr: string
}

/** A stand-in for the engine: runs scripts on this machine as the engine does, and records what they said. */
export interface TestHost {
  /** Everything said on standard error, by all runs. */
  said: string[]
  /** For source clusters; a plain name, since pg_ctl hands it to a shell. */
  directory: string
  /** For datasets; a name that is hard on whoever quotes badly. */
  mounts: string
  connection: Connection
  /** Kills what runs, as the engine does at a cancel. */
  interrupt(): void
  call(reason: Reason): Call & { connection: Connection }
  remove(): void
}

/** As the engine quotes a value for bash: `$'…'`, one line. */
export function bashQuote(text: string): string {
  const escaped = Array.from(text, character => (/[\\'\p{Cc}]/u.test(character) && character < "\u0080" ? `\\x${Buffer.from(character).toString("hex")}` : character))
  return `$'${escaped.join("")}'`
}

function assignments(kinds: VariableKinds, variables: Record<string, unknown>): string {
  return Object.entries(variables).flatMap(([name, value]) => {
    if (value === undefined) return []
    if (!(name in kinds)) throw new Error(`undeclared variable ${name}`)
    return [value instanceof Secret ? `${name}=${bashQuote(value.reveal())}` : `declare -x ${name}=${bashQuote(typeof value === "string" ? value : JSON.stringify(value))}`]
  }).join("\n")
}

/** Runs a program as an OS user with the environment the engine gives. */
export async function runAs(user: string, argv: readonly [string, ...string[]], stdin = "", { onLine = (_line: string): void => undefined, running = new Set<number>() } = {}): Promise<Ended> {
  const environment = { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/tmp", USER: user, LANG: "C.UTF-8", VENEER_ENGINE: `test ${String(process.pid)}`, VENEER_SESSION: "0" }
  const child = spawn("setpriv", [`--reuid=${user}`, "--regid", groupOf(user), "--init-groups", "--", ...argv], { env: environment, cwd: "/", detached: true })
  if (child.pid !== undefined) running.add(child.pid)
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on("data", (chunk: Buffer) => {
    stderr.push(chunk)
    for (const line of chunk.toString().split("\n")) if (line !== "") onLine(line)
  })
  child.stdin.on("error", () => undefined)
  child.stdin.end(stdin)
  const exitCode = await new Promise<number>(resolve => child.on("close", code => resolve(code ?? -1)))
  if (child.pid !== undefined) running.delete(child.pid)
  return { exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }
}

function groupOf(user: string): string {
  return spawnSync("id", ["-g", user], { encoding: "utf8" }).stdout.trim()
}

/** A check against a schema, as strict as the engine's. */
function fitting<S extends TSchema>(schema: S | undefined) {
  const validate = createAjv().compile<Static<S>>(schema ?? {})
  return {
    check: (value: unknown): value is Static<S> => validate(value),
    faults: () => JSON.stringify(validate.errors),
  }
}

const failed = fitting(Type.Object({ error: Type.Object({ code: Type.String(), message: Type.String(), action: Type.String(), output: Type.Optional(Type.String()) }) }))

function makeRun(artifact: string, said: string[], running: Set<number>): Run {
  const script = async <V extends VariableKinds, O extends TSchema | undefined>(connection: Connection, declaration: Script<V, O>, variables: Variables<V>): Promise<Emitted<O>> => {
    const file = join(artifact, "scripts", declaration.file)
    const ended = await runAs(connection.user ?? "root", ["bash", file], assignments(declaration.variables, variables), { onLine: line => said.push(line), running })
    const lines = ended.stdout.trim().split("\n")
    if (ended.stdout === "") throw new ScriptError(`${declaration.file} said nothing`, { command: declaration.file, ...ended })
    if (lines.length > 1) throw new Error(`${declaration.file} emitted ${String(lines.length)} lines: ${ended.stdout}`)
    const document: unknown = JSON.parse(ended.stdout)
    if (failed.check(document)) throw new UserError(document.error.message, document.error)
    if (ended.exitCode !== 0) throw new ScriptError(`${declaration.file} ended with ${String(ended.exitCode)}`, { command: declaration.file, ...ended })
    const output = fitting(declaration.output)
    // What the schema allows is what its type says.
    if (output.check(document)) return document as Emitted<O>
    throw new Error(`${declaration.file} emitted what does not fit its output: ${output.faults()}`)
  }
  return {
    script,
    detached: script,
    bash: async (connection, command, options) => ({ ...(await runAs(connection.user ?? "root", ["bash", "-c", command], plain(options?.stdin))), truncated: false }),
    exec: async (connection, argv, options) => ({ ...(await runAs(connection.user ?? "root", argv, plain(options?.stdin))), truncated: false }),
    expect: unused,
    powershell: unused,
  }
}

/** What the plugin does without. */
const unused = () => Promise.reject(new Error("This host has no such thing."))
const files: Files = { read: unused, readBytes: unused, write: unused, stat: unused }

function plain(stdin: string | Secret | undefined): string {
  return stdin instanceof Secret ? stdin.reveal() : stdin ?? ""
}

function connectionAs(user: string | undefined): Connection {
  return { environment: "here", address: "127.0.0.1", user, as: connectionAs }
}

/** A TCP port of the loopback address that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === "string") throw new Error("no port")
  return address.port
}

const ports: Ports = {
  reserve: async (_connection, { port }) => port ?? freePort(),
}

/** Makes a host with the plugin's scripts laid out as in its artifact, and a directory for clusters and mounts. */
export function testHost(): TestHost {
  const directory = mkdtempSync(join(tmpdir(), "veneer-test-"))
  chmodSync(directory, 0o777)
  const mounts = join(directory, "mo'unts \"$HOME\" \\ =é")
  mkdirSync(mounts)
  chmodSync(mounts, 0o777)
  const artifact = join(directory, "artifact")
  cpSync(join(root, "plugins/postgres/scripts"), join(artifact, "scripts"), { recursive: true })
  cpSync(join(root, "shell/lib.sh"), join(artifact, "scripts/lib.sh"))
  spawnSync("chmod", ["-R", "a+rX", artifact])
  const said: string[] = []
  const running = new Set<number>()
  const connection = connectionAs(undefined)
  return {
    said, directory, mounts, connection,
    call: reason => ({ run: makeRun(artifact, said, running), files, waitFor: unused, credentials: unused, ports, connection, reason, engine: "testengine", log: line => said.push(line), progress: () => undefined, signal: new AbortController().signal }),
    interrupt() {
      for (const group of running) process.kill(-group, "SIGKILL")
    },
    remove() {
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Whether this machine can run the tests against real clusters; the reason where it can't. */
export function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return "needs root, to act as the OS user postgres"
  if (spawnSync("id", ["postgres"]).status !== 0) return "there is no OS user postgres"
  if (!existsSync("/usr/lib/postgresql")) return "PostgreSQL is not installed under /usr/lib/postgresql"
  return undefined
}
