import { createClient, type Client } from "@veneer/engine/client"
import { execa } from "execa"
import { spawn, type ChildProcess } from "node:child_process"
import { existsSync, watch } from "node:fs"
import { chmod, mkdir, mkdtemp, open, readFile, rename, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { createFetch } from "../../connection/fetch.ts"
import { locate } from "../../connection/locate.ts"
import { isRecord } from "../layout.ts"
import { processMark, type ProcessMark } from "./processes.ts"

/** What the folder of a throwaway engine is called, before random letters. */
export const STAGE_PREFIX = "veneer-dev-"
const MARK = "stage.json"
/** Enough to try things, and a sparse file anyway. */
const POOL_SIZE = "8GiB"

/** The folder of a throwaway engine, and who works on it. */
export interface Stage {
  path: string
  /** Where the engine keeps its things. */
  dataDir: string
}

/** What a stage says of itself, for whoever takes it down. */
export interface StageMark {
  /** The process whose stage it is. */
  owner: ProcessMark
  /** What takes it down once the owner is gone. */
  guard?: ProcessMark
  engine?: ProcessMark
  /** It is to stay when its owner is gone. */
  kept?: boolean
}

/** A throwaway engine that runs. */
export interface StagedEngine {
  client: Client
  url: string
  tokenFile: string
  /** Ends when the engine's process has, with what it last said. */
  ended: Promise<string>
}

/** A throwaway engine ended that should run. */
export class EngineEndedError extends Error {
  override readonly name = "EngineEndedError"
  readonly code = "engine_ended"
  readonly action = "Mend what it says, then run this again."
  /** What it last said. */
  readonly output: string

  constructor(message: string, output: string) {
    super(message)
    this.output = output
  }
}

/** Makes an empty stage below the folder of temporary files. Every OS user may pass through, or plugins' scripts can't run as one. */
export async function createStage(): Promise<Stage> {
  const path = await mkdtemp(join(tmpdir(), STAGE_PREFIX))
  await chmod(path, 0o711)
  await markStage(path, { owner: processMark(process.pid) })
  return stageAt(path)
}

export const stageAt = (path: string): Stage => ({ path, dataDir: join(path, "engine") })

/** Adds to what a stage says of itself. */
export async function markStage(path: string, mark: Partial<StageMark>): Promise<void> {
  const before = await readMark(path)
  const file = join(path, MARK)
  await writeFile(`${file}.new`, JSON.stringify({ ...before, ...mark }))
  await rename(`${file}.new`, file)
}

/** What a folder says of itself; undefined for one that is no stage. */
export async function readMark(path: string): Promise<StageMark | undefined> {
  const text = await readFile(join(path, MARK), "utf8").catch(() => undefined)
  const value: unknown = text === undefined ? undefined : JSON.parse(text)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written whole by `markStage`
  return isRecord(value) && isRecord(value["owner"]) ? (value as unknown as StageMark) : undefined
}

/** Starts the engine of a stage: the best storage driver there is, ports and data of its own. It outlives its starter. */
export async function startEngine(stage: Stage): Promise<StagedEngine> {
  const pool = process.getuid?.() === 0 ? ["--pool-size", POOL_SIZE] : []
  const [child, failure] = await attempt(stage, pool)
  // Where only plain copies work there is no size to give.
  const started = failure !== undefined && /neither device nor size/.test(failure) ? await attempt(stage, []) : ([child, failure] as const)
  if (started[1] !== undefined) throw new EngineEndedError("The throwaway engine did not start.", started[1])
  const { url, token, socket } = await locate({ dataDir: stage.dataDir })
  const ended = new Promise<string>((resolve) => void started[0].once("exit", () => void lastWords(stage).then(resolve)))
  return { client: createClient({ url, token, fetch: createFetch(socket) }), url, tokenFile: join(stage.dataDir, "token"), ended }
}

/** Runs `veneer engine start` in a session of its own, so that Ctrl-C ends what needs the engine before the engine. */
async function attempt(stage: Stage, pool: readonly string[]): Promise<readonly [ChildProcess, string | undefined]> {
  const program = fileURLToPath(new URL("../../main.js", import.meta.url))
  const argv = [program, "engine", "start", "--data-dir", stage.dataDir, "--listen", "127.0.0.1:0", "--port-range", await freePorts(), "--allow-rebuild", ...pool]
  await mkdir(stage.dataDir, { recursive: true, mode: 0o711 })
  const log = await open(join(stage.path, "engine.log"), "a")
  const child = spawn(process.execPath, argv, { detached: true, cwd: "/", stdio: ["ignore", log.fd, log.fd] })
  await log.close()
  if (child.pid !== undefined) await markStage(stage.path, { engine: processMark(child.pid) })
  const isReady = await new Promise<boolean>((resolve) => {
    const watcher = watch(stage.dataDir)
    const look = (): void => void (existsSync(join(stage.dataDir, "engine.json")) && end(true))
    const end = (ready: boolean): void => {
      watcher.close()
      resolve(ready)
    }
    watcher.on("change", look)
    child.once("exit", () => end(false))
    child.once("error", () => end(false))
    look()
  })
  if (!isReady) return [child, await lastWords(stage)]
  child.unref()
  return [child, undefined]
}

const lastWords = async ({ path }: Stage): Promise<string> => (await readFile(join(path, "engine.log"), "utf8").catch(() => "")).trim().split("\n").slice(-20).join("\n")

/** A range of TCP ports that nobody listens on, apart from other engines' usual ones. */
async function freePorts(): Promise<string> {
  const { stdout } = await execa("cat", ["/proc/net/tcp", "/proc/net/tcp6"], { reject: false })
  const taken = new Set([...stdout.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) /gm)].map(([, port = "0"]) => Number.parseInt(port, 16)))
  const start = process.pid % 200
  const first = Array.from({ length: 200 }, (_, turn) => 20_000 + ((start + turn) % 200) * 50).find((from) => !Array.from({ length: 50 }, (_, port) => from + port).some((port) => taken.has(port)))
  return `${first ?? 20_000}-${(first ?? 20_000) + 49}`
}
