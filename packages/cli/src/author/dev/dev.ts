import { spawn } from "node:child_process"
import { once } from "node:events"
import { dirname } from "node:path"
import { isDeepStrictEqual } from "node:util"
import type { Client } from "@veneer/engine/client"
import type { PluginDescription } from "@veneer/sdk/describe"
import { everything } from "../../session.ts"
import type { Fault } from "../fault.ts"
import { layoutOf, programPath } from "../layout.ts"
import { checkTypes } from "../types.ts"
import { nextCommands } from "./commands.ts"
import { tellJobs, type Teller } from "./jobs.ts"
import { processMark } from "./processes.ts"
import { createReloader } from "./reload.ts"
import { createStage, EngineEndedError, markStage, startEngine, type Stage } from "./stage.ts"
import { sweepStages } from "./sweep.ts"
import { watchFolders } from "./watch.ts"

/** Where what happens is shown. */
export interface Screen {
  tell: Teller
  faults(faults: readonly Fault[]): void
  /** What a person does next, once it is known or has changed. */
  ready(about: Ready): void
}

/** A throwaway engine with the plugin in it. */
export interface Ready {
  plugin: PluginDescription
  stage: Stage
  url: string
  tokenFile: string
  commands: readonly string[]
}

const ENVIRONMENT = "local"

/**
 * Runs a throwaway engine with the plugin of a folder, and keeps it up to date as files are saved, until `stop` is aborted.
 * @param keep leave the engine running
 */
export async function dev(directory: string, screen: Screen, { stop, keep }: { stop: AbortSignal; keep: boolean }): Promise<Stage> {
  const { layout } = await layoutOf(directory)
  await sweepStages(screen.tell)
  const stage = await createStage()
  const takeDown = await guard(stage, (line) => screen.tell("dev", line))
  const over = new AbortController()
  try {
    screen.tell("dev", `Starting a throwaway engine in ${stage.path}`)
    const engine = await startEngine(stage)
    void engine.ended.then((said) => over.signal.aborted || over.abort(new EngineEndedError("The throwaway engine ended by itself.", said)))
    stop.addEventListener("abort", () => over.abort(), { once: true })
    await engine.client.addEnvironment({ body: { name: ENVIRONMENT, kind: "local" } })
    void tellJobs(engine.client, screen.tell, over.signal)
    const loop = new Loop(layout.directory, engine.client, screen, { stage, url: engine.url, tokenFile: engine.tokenFile })
    const folders = [
      { path: layout.directory, deep: false, only: ["package.json", "tsconfig.json"] }, { path: dirname(layout.entry), deep: true }, { path: layout.scripts, deep: true },
    ]
    const unwatch = await watchFolders(folders, (at) => loop.save(at))
    loop.save(performance.now())
    if (!over.signal.aborted && !stop.aborted) await once(over.signal, "abort")
    unwatch()
    await loop.close()
    if (over.signal.reason instanceof Error && !stop.aborted) throw over.signal.reason
  } finally {
    over.abort()
    if (keep && stop.aborted) await markStage(stage.path, { kept: true })
    await takeDown()
  }
  return stage
}

/** Starts what takes the stage down when this program is gone, however it ends. @returns what has it done now */
async function guard({ path }: Stage, tell: (line: string) => void): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, [programPath("dev/guard"), path], { detached: true, cwd: "/", stdio: ["pipe", "pipe", "ignore"] })
  child.stdout.on("data", (chunk: Buffer) => chunk.toString().trimEnd().split("\n").forEach(tell))
  child.unref()
  if (child.pid !== undefined) await markStage(path, { guard: processMark(child.pid) })
  return async () => {
    if (child.exitCode !== null) return
    const gone = once(child, "exit")
    child.ref()
    child.stdin.end()
    await gone
  }
}

/** Rebuilds and reloads, one at a time; saves that come meanwhile are one. */
class Loop {
  readonly #client: Client
  readonly #screen: Screen
  readonly #directory: string
  readonly #about: Omit<Ready, "plugin" | "commands">
  readonly #reloader: ReturnType<typeof createReloader>
  #running: Promise<void> | undefined
  #savedAt: number | undefined
  #types = new AbortController()
  #logs = new AbortController()
  #wrong = false
  #plugin: PluginDescription | undefined
  #ready: object | undefined
  #closed = false

  constructor(directory: string, client: Client, screen: Screen, about: Omit<Ready, "plugin" | "commands">) {
    this.#directory = directory
    this.#client = client
    this.#screen = screen
    this.#about = about
    this.#reloader = createReloader(directory, client, about.stage.path)
  }

  save(at: number): void {
    this.#savedAt ??= at
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#types.abort()
    this.#logs.abort()
    await this.#running
    await this.#reloader.close()
  }

  async #run(): Promise<void> {
    while (this.#savedAt !== undefined) {
      const at = this.#savedAt
      this.#savedAt = undefined
      try {
        await this.#reload(at)
      } catch (error) {
        this.#fail(error)
      }
    }
  }

  async #reload(at: number): Promise<void> {
    const { plugin, faults } = await this.#reloader.reload()
    if (!plugin) {
      this.#types.abort()
      this.#screen.faults(faults)
      this.#screen.tell("plugin", this.#plugin ? "It has faults; the engine keeps the last good one." : "It has faults; it is loaded once they are mended.", "bad")
      return
    }
    this.#screen.tell("plugin", `${this.#plugin ? "reloaded" : "loaded"} in ${Math.round(performance.now() - at)} ms`, "good")
    if (plugin.id !== this.#plugin?.id) this.#followLogs(plugin.id)
    this.#plugin = plugin
    for (const further of [this.#checkTypes(), this.#discover(plugin)]) further.catch((error: unknown) => this.#fail(error))
  }

  /** Has the plugin look at this machine, and says how to go on. A discovery that fails has been told of by its job. */
  async #discover(plugin: PluginDescription): Promise<void> {
    const job = await this.#client.refreshEnvironment({ params: { id: ENVIRONMENT } })
    await this.#client.watchJob(job.id)
    const sources = await everything((query) => this.#client.listSourceConfigs({ query }))
    const ready = { schemas: plugin.schemas, commands: nextCommands(plugin, sources) }
    if (plugin !== this.#plugin || isDeepStrictEqual(ready, this.#ready)) return
    this.#ready = ready
    this.#screen.ready({ ...this.#about, plugin, commands: ready.commands })
  }

  /** What it prints, from now on. */
  #followLogs(id: string): void {
    this.#logs.abort()
    this.#logs = new AbortController()
    const { signal } = this.#logs
    this.#client.watchPluginLogs(id, { signal, onLine: (line) => this.#screen.tell("log", line) }).catch((error: unknown) => signal.aborted || this.#fail(error))
  }

  #fail(error: unknown): void {
    if (this.#closed) return
    const action = error instanceof Error && "action" in error ? String(error.action) : ""
    this.#screen.tell("plugin", `${error instanceof Error ? error.message : String(error)} ${action}`.trim(), "bad")
  }

  /** Beside the rest: it takes longer than anybody wants to wait for. */
  async #checkTypes(): Promise<void> {
    this.#types.abort()
    const current = (this.#types = new AbortController())
    const { faults } = await checkTypes(this.#directory, { signal: current.signal })
    if (current.signal.aborted) return
    if (faults.length > 0) {
      this.#screen.faults(faults)
      this.#screen.tell("types", faults.length === 1 ? "1 error; the code runs all the same." : `${faults.length} errors; the code runs all the same.`, "bad")
    } else if (this.#wrong) this.#screen.tell("types", "fit again", "good")
    this.#wrong = faults.length > 0
  }
}
