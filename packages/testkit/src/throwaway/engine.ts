import { spawn, type ChildProcessByStdio } from "node:child_process"
import { once } from "node:events"
import { existsSync, statSync } from "node:fs"
import { chmod, mkdtemp, readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { Readable, Writable } from "node:stream"
import { fileURLToPath } from "node:url"
import { createClient, type Client, type Job } from "@veneer/engine/client"
import { isObject } from "@veneer/sdk/values"
import { folderOf } from "../operation/folder.ts"
import { buildPlugin, veneerProgram } from "./veneer.ts"

/** What a throwaway engine is like. */
export interface ThrowawayEngineOptions {
  /** An artifact, or the folder of a plugin, which is built first. It is uploaded, and this machine discovered. */
  plugin?: string | URL
  /** Storage driver; `copy`, which any file system and user can do, unless told. */
  driver?: "btrfs" | "zfs" | "reflink" | "copy"
  /** Size of the pool, such as `4GiB`, for drivers that make a file system in a file. */
  poolSize?: string
  /** TCP ports that VDBs get: such as `26000-26099`. */
  portRange?: string
}

/** How a job ended. */
export interface FinishedJob {
  job: Job
  /** All lines of its log. */
  log: string[]
}

/** An engine of a test's own, in a process of its own. */
export interface ThrowawayEngine {
  /** One typed method for each operation of the engine. */
  readonly client: Client
  readonly url: string
  readonly token: string
  /** Where the engine keeps its things; it goes with the engine. */
  readonly dataDir: string
  /** Name of the environment that is this machine. */
  readonly environment: string
  /** Builds a plugin if it is a folder, uploads it and discovers this machine anew. */
  upload(plugin: string | URL): Promise<void>
  /** Follows a job to its end, however that is. */
  finished(job: Pick<Job, "id">): Promise<FinishedJob>
  /** Follows a job to its good end. @throws with the problem and the last lines of the log when it ends otherwise */
  succeeded(job: Pick<Job, "id">): Promise<Job>
  /** Ends it, with everything that it made. Without it, that happens when the test's process ends. */
  stop(): Promise<void>
}

const ENVIRONMENT = "here"
const LOG_LINES = 30
const FIRST_PORT = 21_000 + (process.pid % 90) * 50

/**
 * Starts a real engine in a temporary folder, by the program `veneer engine start` of the package `@veneer/cli`. It needs
 * what every engine needs: PostgreSQL for its catalog. Its life is tied to the test's process: however that ends, engine,
 * servers, mounts and folder go, too.
 *
 * @example
 * const engine = await throwawayEngine({ plugin: new URL("..", import.meta.url) })
 * afterAll(() => engine.stop())
 *
 * const { items: [source] } = await engine.client.listSourceConfigs({ query: { limit: 1 } })
 * const { job } = await engine.client.linkDsource({ body: { name: "notes", source: source.id, parameters: {} } })
 * await engine.succeeded(job)
 */
export async function throwawayEngine({ plugin, driver = "copy", poolSize, portRange = `${FIRST_PORT}-${FIRST_PORT + 49}` }: ThrowawayEngineOptions = {}): Promise<ThrowawayEngine> {
  const root = await mkdtemp(join(tmpdir(), "veneer-engine-"))
  // Plugins' scripts run as any OS user.
  await chmod(root, 0o711)
  const dataDir = join(root, "engine")
  const argv = ["engine", "start", "--data-dir", dataDir, "--listen", "127.0.0.1:0", "--port-range", portRange, "--pool-driver", driver, ...(poolSize === undefined ? [] : ["--pool-size", poolSize])]
  const keeper = spawn(process.execPath, [keeperPath(), root, veneerProgram(), ...argv], { detached: true, cwd: "/", stdio: ["pipe", "pipe", "inherit"] })
  const gone = once(keeper, "exit")
  const stop = async () => {
    keeper.ref()
    keeper.stdin.end()
    await gone
  }
  try {
    await ready(keeper)
    const engine = await opened({ dataDir, artifacts: join(root, "artifacts"), stop })
    if (plugin !== undefined) await engine.upload(plugin)
    return engine
  } catch (error) {
    await stop()
    throw error
  }
}

/** @throws with what the engine said when it ended at its start */
async function ready(keeper: ChildProcessByStdio<Writable, Readable, null>): Promise<void> {
  const lines = createInterface({ input: keeper.stdout })
  const [line] = await Promise.race([once(lines, "line"), once(keeper, "exit").then(() => ["{}"])])
  const report: unknown = JSON.parse(String(line))
  if (isObject(report) && report["ready"] === true) {
    keeper.unref()
    return
  }
  throw new Error(`The throwaway engine did not start:\n${isObject(report) ? String(report["log"]) : ""}`)
}

async function opened({ dataDir, artifacts, stop }: { dataDir: string; artifacts: string; stop: () => Promise<void> }): Promise<ThrowawayEngine> {
  const found: unknown = JSON.parse(await readFile(join(dataDir, "engine.json"), "utf8"))
  const { url, tokenFile } = isObject(found) ? found : {}
  const token = (await readFile(String(tokenFile), "utf8")).trim()
  const client = createClient({ url: String(url), token })
  const finished = async ({ id }: Pick<Job, "id">): Promise<FinishedJob> => {
    const log: string[] = []
    return { job: await client.watchJob(id, { onLine: ({ line }) => log.push(line) }), log }
  }
  const succeeded = async (job: Pick<Job, "id">): Promise<Job> => {
    const { job: end, log } = await finished(job)
    if (end.state === "succeeded") return end
    const { code, message, action, output } = end.problem ?? { code: end.state, message: "", action: "" }
    throw new Error([`${end.kind} ${end.state}: [${code}] ${message} ${action}`, output, ...log.slice(-LOG_LINES)].filter((text) => text !== undefined).join("\n"))
  }
  const upload = async (plugin: string | URL) => {
    const path = folderOf(plugin) ?? ""
    if (!existsSync(path)) throw new Error(`There is no plugin at ${path}.`)
    const artifact = statSync(path).isDirectory() ? await buildPlugin(path, artifacts) : path
    await client.uploadPlugin({ body: await readFile(artifact) })
    const { items } = await client.listEnvironments({ query: { limit: 10 } })
    if (!items.some(({ name }) => name === ENVIRONMENT)) await client.addEnvironment({ body: { name: ENVIRONMENT, kind: "local" } })
    await succeeded(await client.refreshEnvironment({ params: { id: ENVIRONMENT } }))
  }
  return { client, url: String(url), token, dataDir, environment: ENVIRONMENT, upload, finished, succeeded, stop }
}

/** Built beside this file; when this file runs from its source, in the built package. */
function keeperPath(): string {
  const places = ["./keeper.js", "../../dist/throwaway/keeper.js"].map((path) => fileURLToPath(new URL(path, import.meta.url)))
  const found = places.find((path) => existsSync(path))
  if (found === undefined) throw new Error("keeper.js is missing from the package @veneer/testkit: build or install it again.")
  return found
}
