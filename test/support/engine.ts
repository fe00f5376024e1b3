import { fork, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { readFile, readdir, readlink, rm } from "node:fs/promises"
import { join } from "node:path"
import { createClient, type Client, type Job } from "@veneer/engine/client"
import { execa } from "execa"
import { gone } from "./gone.ts"
import type { Sandbox } from "./sandbox.ts"

const SCRIPT = new URL("./engine.mjs", import.meta.url)
/** Test files run side by side, each with engines of its own: a port that one VDB leaves for a moment must stay free. */
const FIRST_PORT = 10_000 + (process.pid % 100) * 200
const PORTS = [FIRST_PORT, FIRST_PORT + 199]
const POOL_BYTES = 6 * 1024 ** 3

/** Where an engine is told to die, or a step to fail. */
export interface Incident {
  job: string
  step: string
  moment: "begun" | "happened" | "recorded" | "undoing" | "undone"
  act: "kill" | "fail"
}

/** An engine in a process of its own. */
export interface EngineProcess {
  client: Client
  /** Ends when the process has, by itself or by an incident. */
  ended: Promise<unknown>
  /** Sets what is to happen from now on. */
  plan(incidents: readonly Incident[]): Promise<void>
  stop(): Promise<void>
  stderr(): string
}

/** Where engines of one test keep their things; several start on it one after another. */
export interface EngineHome {
  dataDir: string
  start(options?: { trace?: string }): Promise<EngineProcess>
}

/** A data directory whose pool, catalog and mounts are taken down with the sandbox. */
export function createEngineHome(sandbox: Sandbox, { driver, config: more = {} }: { driver?: string; config?: object } = {}): EngineHome {
  const dataDir = join(sandbox.path, "engine")
  const running = new Set<ChildProcess>()
  sandbox.defer(async () => {
    for (const child of running) child.kill("SIGKILL")
    await strike(dataDir)
  })
  return {
    dataDir,
    start: async ({ trace } = {}) => {
      const config = { dataDir, listen: { host: "127.0.0.1", port: 0 }, pool: driver === "copy" ? { driver } : { sizeBytes: POOL_BYTES, driver }, ports: PORTS, ...more }
      const child = fork(SCRIPT, [JSON.stringify({ config, trace })], { stdio: ["ignore", "ignore", "pipe", "ipc"], env: { PATH: process.env["PATH"] } })
      running.add(child)
      let said = ""
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        said += text
      })
      const ended = once(child, "exit").then(() => running.delete(child))
      const [message] = await Promise.race([once(child, "message"), ended.then(() => Promise.reject(new Error(`the engine ended at its start:\n${said}`)))])
      const { url, tokenFile } = message as { url: string; tokenFile: string }
      const client = createClient({ url, token: (await readFile(tokenFile, "utf8")).trim() })
      const stop = async () => {
        child.kill("SIGTERM")
        await ended
      }
      const plan = async (incidents: readonly Incident[]) => {
        child.send([...incidents])
        await once(child, "message")
      }
      return { client, ended, plan, stop, stderr: () => said }
    },
  }
}

/** Follows a job to its end. */
export async function finished(client: Client, { id }: Pick<Job, "id">): Promise<Job> {
  return client.watchJob(id)
}

/** Follows a job to its good end; one that ends otherwise is an error with all it said. */
export async function succeeded(client: Client, job: Pick<Job, "id">): Promise<Job> {
  const lines: string[] = []
  const end = await client.watchJob(job.id, { onLine: ({ line }) => lines.push(line) })
  if (end.state !== "succeeded") throw new Error(`${end.kind} ${end.state}: ${JSON.stringify(end.problem, undefined, 1)}\n${lines.slice(-30).join("\n")}`)
  return end
}

/** Ends what engines left running below a data directory, by process id, and detaches its pools. */
export async function strike(dataDir: string): Promise<void> {
  const pids = await pidsWorkingIn(dataDir)
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL")
    } catch {
      // It ended by itself.
    }
  }
  await Promise.all(pids.map(gone))
  await removePrivateDirectories((await readFile(join(dataDir, "engine-id"), "utf8").catch(() => "")).trim())
  const mounts = (await readFile("/proc/self/mountinfo", "utf8")).split("\n").map((line) => unescaped(line.split(" ")[4] ?? "")).filter((path) => path.startsWith(`${dataDir}/`))
  for (const path of mounts.sort().toReversed()) await execa("umount", [path])
  const { stdout } = await execa("losetup", ["--list", "--noheadings", "--output", "NAME,BACK-FILE"])
  for (const [device, file] of stdout.split("\n").map((line) => line.split(/\s+/))) if (device !== undefined && file?.startsWith(`${dataDir}/`)) await execa("losetup", ["--detach", device])
}

/** The kernel writes spaces, line breaks and backslashes in octal. */
const unescaped = (path: string): string => path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)))

/** What scripts keep outside datasets, marked with the engine's id. */
async function removePrivateDirectories(engineId: string): Promise<void> {
  for (const name of (await readdir("/tmp")).filter((entry) => entry.startsWith("veneer-"))) {
    const mark = await readFile(join("/tmp", name, "engine"), "utf8").catch(() => "")
    if (engineId !== "" && mark.trim() === engineId) await rm(join("/tmp", name), { recursive: true })
  }
}

/** Processes whose working directory is below a path: postmasters of VDBs, of staging and of the catalog. */
async function pidsWorkingIn(path: string): Promise<number[]> {
  const pids = (await readdir("/proc")).map(Number).filter(Number.isInteger)
  const found = await Promise.all(pids.map(async (pid) => ({ pid, cwd: await readlink(`/proc/${pid}/cwd`).catch(() => "") })))
  return found.filter(({ cwd }) => cwd.startsWith(`${path}/`)).map(({ pid }) => pid)
}
