import type { Call, Connection } from "@veneer/sdk"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { accessSync, constants, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { createConnection, type NetConnectOpts } from "node:net"

type Handler = (call: Call & { connection: Connection; source: { parameters: { text: string } } }) => unknown

/** What became of an attempt: `done`, or the system's word for why not. */
const attempt = async (act: () => unknown): Promise<string> => {
  try {
    await act()
    return "done"
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

const connect = async (to: NetConnectOpts): Promise<void> => {
  const socket = createConnection({ timeout: 5_000, ...to } as NetConnectOpts)
  socket.once("timeout", () => socket.destroy(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" })))
  await once(socket, "connect").finally(() => socket.destroy())
}

/** What steps over what is the plugin's own; each logs what came of it as one JSON object. */
export const trespasses: Readonly<Record<string, Handler>> = {
  /** To every address in the text, a JSON list of what `net.connect` takes. */
  connects: async ({ source, log }) => {
    const found: string[] = []
    for (const to of JSON.parse(source.parameters.text) as NetConnectOpts[]) found.push(await attempt(() => connect(to)))
    log(JSON.stringify(found))
  },
  /** To the process of the pid in the text. */
  interferes: async ({ source: { parameters: { text } }, log }) => {
    log(JSON.stringify({
      signal: await attempt(() => process.kill(Number(text), 0)),
      kill: await attempt(() => process.kill(Number(text), "SIGKILL")),
      environ: await attempt(() => readFileSync(`/proc/${text}/environ`)),
      memory: await attempt(() => readFileSync(`/proc/${text}/maps`)),
      files: await attempt(() => readdirSync(`/proc/${text}/fd`)),
      root: await attempt(() => readdirSync(`/proc/${text}/root/`)),
    }))
  },
  /** In the folder of its artifact, and in that of the text. */
  meddles: async ({ source, log }) => {
    const open = (path: string, mode: number) => attempt(() => accessSync(path, mode))
    log(JSON.stringify({
      reads: await attempt(() => readFileSync("plugin.js")),
      writes: await open("plugin.js", constants.W_OK), creates: await open(".", constants.W_OK), creating: await attempt(() => writeFileSync("new.js", "")),
      others: await open(source.parameters.text, constants.R_OK),
    }))
  },
  /** Says what it is. */
  "is told": async ({ log }) => {
    const status = readFileSync("/proc/self/status", "utf8")
    const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, "m").exec(status)?.[1]?.trim().split(/\s+/).join(" ")
    log(JSON.stringify({
      pid: process.pid, uid: field("Uid"), gid: field("Gid"), groups: field("Groups"), permitted: field("CapPrm"), effective: field("CapEff"), inheritable: field("CapInh"),
      ambient: field("CapAmb"), noNewPrivileges: field("NoNewPrivs"), root: await attempt(() => process.setuid?.(0)), interfaces: readFileSync("/proc/net/dev", "utf8").split("\n").slice(2).map((line) => line.split(":")[0]?.trim()).filter(Boolean),
    }))
  },
  /** Through a program of its own that has the set-user-id bit. */
  escalates: async ({ log }) => {
    const child = spawn("su", ["-c", "id -u", "root"], { stdio: ["ignore", "pipe", "ignore"] })
    let said = ""
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()))
    const [code] = (await once(child, "close")) as [number]
    log(JSON.stringify({ code, said: said.trim() }))
  },
  /** On the host, as every plugin may. */
  runs: async ({ run, connection, log }) => log(JSON.stringify((await run.bash(connection, "echo from the host")).stdout.trim())),
}
